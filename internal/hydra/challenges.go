package hydra

import (
	"net/http"

	"github.com/ory/fosite"
	hoauth2 "github.com/ory/hydra/v2/oauth2"

	"example.com/identityd/internal/ory"
)

// What an answer with 401 asks for.
const (
	challengeClient  = `Basic realm="OAuth 2.0 client"`
	challengeNoToken = `Bearer realm="userinfo"`
	challengeToken   = challengeNoToken + `, error="invalid_token", error_description="The access token is expired, revoked, malformed, or not of here."`
)

// challenges says what clients that are refused have to prove, where the RFCs demand it. A client that sent its secret
// by HTTP Basic is asked for another by Basic (RFC 6749 section 5.2), and no other is: a browser would ask its person
// for a password. Userinfo takes bearer tokens, and says what is wrong with one by the words of RFC 6750 section 3.1,
// which upstream's are not (docs/ory-quirks.md#q234).
func challenges(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case hoauth2.TokenPath, hoauth2.RevocationPath:
			if ory.Scheme(r, "Basic") {
				w = ory.Challenge(w, challengeClient)
			}
		case hoauth2.UserinfoPath:
			if fosite.AccessTokenFromRequest(r) == "" {
				w = ory.Challenge(w, challengeNoToken)
			} else {
				w = ory.Challenge(w, challengeToken)
			}
		}
		next.ServeHTTP(w, r)
	})
}
