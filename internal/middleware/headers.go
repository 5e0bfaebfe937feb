package middleware

import (
	"maps"
	"net/http"
)

// hsts says a year, and nothing about subdomains, which may belong to somebody else.
const hsts = "max-age=31536000"

// SecurityHeaders sets the headers of pages before the handler runs, so that a handler can replace
// any of them, the policy with CSP.Apply. With https set, browsers are told to stay on it.
func SecurityHeaders(csp CSP, https bool) Middleware {
	// All answers share the values: whoever sets a header puts another one in its place, and whoever adds to one
	// finds no room in it.
	fixed := http.Header{}
	common(fixed, https)
	fixed.Set(CSPHeader, csp.String())
	// Pages show challenges, flows and names: no cache may keep one.
	fixed.Set("Cache-Control", "no-store")
	fixed.Set("Cross-Origin-Opener-Policy", "same-origin")
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			maps.Copy(w.Header(), fixed)
			next.ServeHTTP(w, r)
		})
	}
}

// NothingCSP is the policy of what is no page: an answer of an engine, a redirect, an error. Nothing may be
// loaded, run, posted or framed, whatever is in it.
func NothingCSP() CSP {
	return CSP{}.
		With("default-src", "'none'").
		With("frame-ancestors", "'none'").
		With("base-uri", "'none'").
		With("form-action", "'none'")
}

// Baseline sets the headers that every answer of every listener has, unless what is behind it knows better:
// pages their own policy, assets and public documents how long they may be kept. It stands in front of
// whatever may answer, so that refusals have them too.
func Baseline(https bool) Middleware { return SecurityHeaders(NothingCSP(), https) }

func common(h http.Header, https bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	// Challenges and flow ids are in URLs.
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	if https {
		h.Set("Strict-Transport-Security", hsts)
	}
}
