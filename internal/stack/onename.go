package stack

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/middleware"
)

// oneHostName sends a browser that came by a loopback address to the name that everything is known by:
// cookies set for one are not sent to the other (docs/ory-quirks.md#q27).
func oneHostName(base string, next http.Handler) http.Handler {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() != "localhost" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if ip == nil || !ip.IsLoopback() || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		to := *r.URL
		to.Scheme, to.Host = u.Scheme, u.Host
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
	})
}

// navigated is oneHostName for what a person opens; a program may use any address.
func navigated(base string, next http.Handler) http.Handler {
	browser := oneHostName(base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if middleware.PrefersHTML(r) {
			browser.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
