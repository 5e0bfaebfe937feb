package ui

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

const (
	leavingPath = "/account/signing-out"
	// leavingLife is how long the address of the page works: it is opened at once.
	leavingLife = 5 * time.Minute
	// maxLeaving keeps the address below what proxies take.
	maxLeaving = 6 << 10
)

// wayOut is what the page of Leaving shows, kept in its own address.
type wayOut struct {
	To     string   `json:"t"`
	Frames []string `json:"f"`
	Until  int64    `json:"u"`
}

type leavingPage struct {
	layout
	App string // whom the person goes back to; empty when unknown
	// To was registered by a client, or is a page of ours, and can be of any scheme that is not dangerous.
	To     template.URL
	Frames []string
}

// Leaving returns the address of a page that opens frames, so that applications sign out in this browser
// (OpenID Connect Front-Channel Logout 1.0), and goes on to an address.
func (u *UI) Leaving(to string, frames []string) string {
	frames = slices.DeleteFunc(slices.Clone(frames), func(frame string) bool { return !framed(frame) })
	for len(frames) > 0 {
		sealed, err := u.seal.close(wayOut{To: to, Frames: frames, Until: time.Now().Add(leavingLife).Unix()}, leavingPath)
		if err == nil && len(sealed) <= maxLeaving {
			return u.to(leavingPath, url.Values{"t": {sealed}})
		}
		frames = frames[:len(frames)-1]
	}
	return to
}

// framed says whether an address may be opened in a frame.
func framed(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && isWeb(u) && u.Host != "" && u.User == nil
}

func (u *UI) signingOut(w http.ResponseWriter, r *http.Request) error {
	var l wayOut
	if !u.seal.open(r.URL.Query().Get("t"), leavingPath, &l) {
		return &identity.Error{Code: identity.BadRequest, Message: "This page can only be opened by signing out."}
	}
	if time.Now().Unix() > l.Until {
		l.Frames = nil // they were opened long ago
	}
	u.allowFrames(w, l.Frames)
	page := leavingPage{layout: u.layout(r, "Signing you out"), To: anyScheme(l.To), Frames: l.Frames}
	page.Scripts = append(page.Scripts, script{Source: u.assets.path("leave.js")})
	if to, err := url.Parse(l.To); err == nil && !sameOrigin(to, u.at.ui) {
		page.App = u.left(r).App
	}
	return render(w, http.StatusOK, u.pages.Leaving, page)
}

// allowFrames lets a page show exactly these in frames.
func (u *UI) allowFrames(w http.ResponseWriter, frames []string) {
	var origins []string
	for _, frame := range frames {
		if at, err := url.Parse(frame); err == nil && !slices.Contains(origins, origin(at)) {
			origins = append(origins, origin(at))
		}
	}
	if len(origins) > 0 {
		h := w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src "+strings.Join(origins, " "))
	}
}

// anyScheme lets a link go to an application of any scheme, as redirects do anyway, but for those that
// would run or show something as if it came from here.
func anyScheme(raw string) template.URL {
	if u, err := url.Parse(raw); err != nil || u.Scheme == "" || dangerous(u.Scheme) {
		return "/"
	}
	return template.URL(raw) //nolint:gosec // checked, and escaped as an attribute
}

func dangerous(scheme string) bool {
	return slices.Contains([]string{"javascript", "data", "vbscript", "blob", "file", "about", "filesystem"}, strings.ToLower(scheme))
}
