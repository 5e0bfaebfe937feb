package middleware

import "net/http"

// hsts says a year, and nothing about subdomains, which may belong to somebody else.
const hsts = "max-age=31536000"

// SecurityHeaders sets the headers of pages before the handler runs, so that a handler can replace
// any of them, the policy with CSP.Apply. With https set, browsers are told to stay on it.
func SecurityHeaders(csp CSP, https bool) Middleware {
	policy := csp.String()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			common(h, https)
			h.Set(CSPHeader, policy)
			// Pages show challenges, flows and names: no cache may keep one.
			h.Set("Cache-Control", "no-store")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			next.ServeHTTP(w, r)
		})
	}
}

// APIHeaders sets the headers of the engines' listeners. There is no content security policy among
// them, because Hydra's form_post response is a page that submits itself by an inline script, and
// no Cache-Control, which the engines choose by endpoint (the key set may be cached).
func APIHeaders(https bool) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			common(w.Header(), https)
			w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
			next.ServeHTTP(w, r)
		})
	}
}

func common(h http.Header, https bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	// Challenges and flow ids are in URLs.
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	if https {
		h.Set("Strict-Transport-Security", hsts)
	}
}
