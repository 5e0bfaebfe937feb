package ui

import (
	"net/http"
	"strings"
)

// setHeaders sends the security headers of every page. Handlers that know better relax or tighten
// the content security policy with setCSP afterwards.
func (u *UI) setHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// Addresses here carry challenges and flow ids. Kratos' CSRF check asks for a Referer only when
	// Request.URL.Scheme is https, which net/http never sets on a server (ory/nosurf@v1.2.7
	// handler.go:183), so that form posts work without one.
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if u.at.ui.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	u.setCSP(w, false)
}

// plain gives what is no page the headers of one.
func (u *UI) plain(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u.setHeaders(w)
		next(w, r)
	}
}

// setCSP sends the content security policy. A form whose post may end at another origin needs
// freeForms: Chromium applies form-action to the whole chain of redirects behind a form, and with a
// challenge that chain ends at the application, which may be any origin or scheme.
func (u *UI) setCSP(w http.ResponseWriter, freeForms bool) {
	policy := []string{
		"default-src 'none'", "style-src 'self'", "img-src 'self' data:", "script-src 'self'",
		"frame-ancestors 'none'", "base-uri 'none'",
	}
	if !freeForms {
		policy = append(policy, "form-action 'self' "+origin(u.at.kratos))
	}
	w.Header().Set("Content-Security-Policy", strings.Join(policy, "; "))
}

// allowOwnFrames lets a page show another page of ours in a frame.
func (u *UI) allowOwnFrames(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
}
