package doctor

import (
	"context"
	"net/http"
	"strings"
)

// strangers is an origin that nobody has.
const strangers = "https://doctor.invalid"

// corsClosed asks the public APIs as a page of a stranger would. What the file says is judged by internal/config;
// what a proxy adds is seen only here.
func corsClosed() Check {
	return Check{
		Area: Addresses, Name: "cors", Tells: "pages of strangers may not call with people's cookies", Words: []string{"origin", "urls", "cors"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			reached := false
			for _, p := range s.publics() {
				path := map[string]string{"hydra": "/oauth2/token", "kratos": "/sessions/whoami"}[p.name]
				if path == "" {
					continue
				}
				a, err := s.Net.ask(ctx, http.MethodOptions, strings.TrimRight(p.raw, "/")+path, http.Header{
					"Origin": {strangers}, "Access-Control-Request-Method": {http.MethodPost},
				})
				if err != nil {
					continue
				}
				reached = true
				allowed, cookies := a.header.Get("Access-Control-Allow-Origin"), a.header.Get("Access-Control-Allow-Credentials") == "true"
				switch {
				case allowed == strangers && cookies, allowed == "*" && cookies:
					out = append(out, Faultf("%s: %s lets pages of any origin call with people's cookies (Access-Control-Allow-Origin: %s)", p.word, p.raw+path, allowed).
						Cured("take the headers out of the proxy; list origins in cors.origins or clients[].origins"))
				case allowed == strangers:
					out = append(out, Warningf("%s: %s lets pages of any origin call", p.word, p.raw+path).
						Cured("take the headers out of the proxy; list origins in cors.origins or clients[].origins"))
				}
			}
			if !reached && out == nil {
				return []Finding{Skippedf("nobody answers at the addresses")}
			}
			return out
		},
	}
}
