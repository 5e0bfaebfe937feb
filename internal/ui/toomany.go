package ui

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"example.com/identityd/internal/locale"
)

type tooManyPage struct {
	layout
	foot
	// When says how long it takes until the next try counts again.
	When string
	// Back leads to the form, and Recovery to a new password, where there is a way to one.
	Back, Recovery string
}

// TooMany answers 429 to a browser that has to wait after too many failed tries. It says the same whoever it
// is. It is shown at the address of the public API, which may be another origin than that of the pages.
func (u *UI) TooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	u.serve(func(w http.ResponseWriter, r *http.Request) error { return u.tooMany(w, r, wait) })(w, r)
}

func (u *UI) tooMany(w http.ResponseWriter, r *http.Request, wait time.Duration) error {
	u.atAnotherOrigin(w)
	say := u.printer(r)
	page := tooManyPage{layout: u.layout(r, "Please wait a little"), foot: u.foot(r, http.StatusTooManyRequests), When: nextTry(say, wait)}
	page.Base = u.to("/", nil)
	page.Languages = nil // the way back from there would be the form that was sent
	kind := path.Base(path.Clean("/" + r.URL.Path))
	switch kind {
	case "login", "registration", "settings", "recovery", "verification":
		page.Back = u.to("/"+kind, nil)
		if flow := r.URL.Query().Get("flow"); validID(flow) {
			page.Back = u.to("/"+kind, url.Values{"flow": {flow}})
		}
	}
	if kind == "login" && u.cfg.Recovery {
		page.Recovery = u.to("/recovery", nil)
	}
	return render(w, http.StatusTooManyRequests, u.pages.TooMany, page)
}

// nextTry rounds up, so that nobody comes too early.
func nextTry(say *locale.Printer, wait time.Duration) string {
	if seconds := int((wait + time.Second - 1) / time.Second); seconds < 90 {
		return say.Text("The next try is possible in %d seconds.", max(seconds, 1))
	}
	return say.Text("The next try is possible in %d minutes.", int((wait+time.Minute-1)/time.Minute))
}

// atAnotherOrigin lets a page have its files where the pages are, when it is shown at an engine's address.
func (u *UI) atAnotherOrigin(w http.ResponseWriter) {
	from := origin(u.at.ui)
	w.Header().Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "style-src " + from, "img-src " + from + " data:", "script-src " + from,
		"frame-ancestors 'none'", "base-uri " + from, "form-action 'none'",
	}, "; "))
}
