package kratos

import (
	"net/http"
	"path"

	ksession "github.com/ory/kratos/session"

	"example.com/identityd/internal/ory"
)

// challengeSession is what whoami answers to a session token that is none.
const challengeSession = `Bearer realm="session", error="invalid_token", error_description="The session has ended, or is not of here."`

// challenges says to who brought a session token by the scheme Bearer that it is the token that is wrong (RFC 6750
// section 3), which upstream does not. Who came with a cookie, or with nothing, knows no scheme and is told of none.
func challenges(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ory.Scheme(r, "Bearer") && path.Clean("/"+r.URL.Path) == ksession.RouteWhoami {
			w = ory.Challenge(w, challengeSession)
		}
		next.ServeHTTP(w, r)
	})
}
