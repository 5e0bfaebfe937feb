package stack

import (
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/middleware"
)

// metadataOf takes a request for the metadata of an issuer with a path to where they are: RFC 8414 section 3.1 puts
// the path behind the well-known one, and a proxy that takes the path away leaves that alone. What remembers
// documents and what packs them see one path.
func metadataOf(issuer string) middleware.Middleware {
	own := ""
	if u, err := url.Parse(issuer); err == nil {
		own = strings.TrimRight(u.Path, "/")
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if rest, ok := strings.CutPrefix(r.URL.Path, hydra.PathServer); ok && rest != "" {
				if rest = strings.TrimRight(rest, "/"); rest == "" || rest == own {
					u := *r.URL
					u.Path, u.RawPath = hydra.PathServer, ""
					at := *r
					at.URL = &u
					r = &at
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}
