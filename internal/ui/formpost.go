package ui

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

type formPostPage struct {
	layout
	To     string // the host that the form goes to
	Action template.URL
	Fields []formPostField
}

type formPostField struct{ Name, Value string }

// FormPost answers an authorization request with response_mode=form_post (OAuth 2.0 Form Post Response
// Mode): a form that carries the answer to the application. It is shown at the address of the authorization
// server, which may be another origin than that of the pages. Without scripts there is a button.
func (u *UI) FormPost(w http.ResponseWriter, r *http.Request, action string, fields url.Values) {
	u.serve(func(w http.ResponseWriter, r *http.Request) error { return u.formPost(w, r, action, fields) })(w, r)
}

func (u *UI) formPost(w http.ResponseWriter, r *http.Request, action string, fields url.Values) error {
	to, err := url.Parse(action)
	if err != nil || to.Scheme == "" || dangerous(to.Scheme) {
		return errors.New("answering by form_post: the redirect address of the client cannot be posted to")
	}
	// form-action is left out: the form goes to the application, which may redirect wherever it wants.
	from := origin(u.at.ui)
	w.Header().Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "style-src " + from, "img-src " + from + " data:", "script-src " + from,
		"frame-ancestors 'none'", "base-uri " + from,
	}, "; "))
	page := formPostPage{layout: u.layout(r, "One more step"), To: place(u.printer(r), action), Action: anyScheme(action)}
	page.Base = u.to("/", nil)
	page.Scripts = append(page.Scripts, script{Source: u.assets.path("leave.js")})
	page.Languages = nil // the way back from there would be a request that was answered already
	for name, values := range fields {
		for _, value := range values {
			page.Fields = append(page.Fields, formPostField{name, value})
		}
	}
	slices.SortStableFunc(page.Fields, func(a, b formPostField) int { return strings.Compare(a.Name, b.Name) })
	return render(w, http.StatusOK, u.pages.FormPost, page)
}
