package shortcut

import (
	"context"
	"net/http"
	"net/url"
)

// longest is how many redirects are taken at a time. A sign-in that asks nobody has five.
const longest = 8

// Handler answers as the handler behind it does, at the end of the redirects that it may take itself.
type Handler struct {
	origin  *url.URL
	next    http.Handler
	follows func(*url.URL) bool
}

// New returns a Handler in front of next, which answers for the whole origin. follows says of an address there
// whether nothing but redirects is to be expected of it; what turns out otherwise is left to the browser.
func New(origin *url.URL, next http.Handler, follows func(*url.URL) bool) *Handler {
	return &Handler{origin: origin, next: next, follows: follows}
}

type passingKey struct{}

// Passing reports whether a request is one that the browser has not made itself: a page is of no use to it, and
// a redirect to its own address asks the browser to come.
func Passing(ctx context.Context) bool {
	passing, _ := ctx.Value(passingKey{}).(bool)
	return passing
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !navigates(r) || r.Host != h.origin.Host {
		h.next.ServeHTTP(w, r)
		return
	}
	step := newAnswer(w, r.URL.Path, nil, func(status int, to string) bool { return h.leads(r.URL, status, to) == nil })
	h.next.ServeHTTP(step, r)
	if step.finish(); step.passed {
		return
	}
	for at, n := r, 0; ; n++ {
		to := h.leads(at.URL, step.status, step.header.Get("Location"))
		if to == nil || n == longest {
			step.send()
			return
		}
		at = h.request(at, to, step.header["Set-Cookie"])
		ahead := newAnswer(w, at.URL.Path, step.cookies(), func(status int, to string) bool {
			return ends(at.URL, status) && h.leads(at.URL, status, to) == nil
		})
		h.next.ServeHTTP(ahead, at)
		ahead.finish()
		switch {
		case ahead.passed:
			return
		case !redirects(ahead.status):
			// A page, or a failure: the browser sees it at its own address, and can try it again there.
			step.send()
			return
		}
		step = ahead
	}
}

// navigates reports whether a browser says that a person goes somewhere, who sees where they arrive and nothing
// in between. Programs see every step. A form of another site is not followed: the browser sends its
// next request with cookies that this one came without.
func navigates(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return false
	}
	// A frame in a page of another site is given no cookies and takes none, of which the steps would know nothing.
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return false
	}
	switch r.Method {
	case http.MethodGet:
		return true
	case http.MethodPost:
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return false
}

// redirects reports whether a status has the browser get another address.
func redirects(status int) bool { return status == http.StatusFound || status == http.StatusSeeOther }

// ends reports whether the answer of an address that was followed may be the one that the browser gets. A
// response mode of OpenID Connect answers by a page with a form, and a code is made once.
func ends(at *url.URL, status int) bool {
	return redirects(status) || status == http.StatusOK && at.Path == authorizePath
}

const authorizePath = "/oauth2/auth"

// leads returns the address that the handler goes to by itself, or nil. One that leads to itself asks for the
// browser.
func (h *Handler) leads(from *url.URL, status int, location string) *url.URL {
	if !redirects(status) || location == "" {
		return nil
	}
	to, err := h.origin.ResolveReference(&url.URL{Path: from.Path}).Parse(location)
	if err != nil || to.Scheme != h.origin.Scheme || to.Host != h.origin.Host || to.User != nil || to.Fragment != "" ||
		to.RequestURI() == from.RequestURI() || !h.follows(to) {
		return nil
	}
	return to
}

// request is what the browser would send next.
func (h *Handler) request(r *http.Request, to *url.URL, set []string) *http.Request {
	out := r.Clone(context.WithValue(r.Context(), passingKey{}, true))
	out.Method, out.Body, out.ContentLength, out.TransferEncoding = http.MethodGet, http.NoBody, 0, nil
	out.Form, out.PostForm, out.MultipartForm = nil, nil, nil
	out.URL = &url.URL{Path: to.Path, RawPath: to.RawPath, RawQuery: to.RawQuery}
	out.RequestURI = out.URL.RequestURI()
	for _, of := range []string{"Content-Type", "Content-Length", "Origin"} {
		out.Header.Del(of) // the form's
	}
	carry(out.Header, r.URL.Path, to.Path, set)
	return out
}
