package kratos

import (
	"net/http"
	"strings"
	"time"

	"example.com/identityd/internal/ory"
)

// failedLogin is how long a refused login takes at the least, so that the time does not tell whether
// the person exists: a wrong password costs a hash, an unknown person nothing.
const failedLogin = 350 * time.Millisecond

// pad holds back refused logins. It stands outside the serializer: waiting under the lock would let
// twenty wrong passwords stall everybody for seconds. Session is the name of the session's cookie.
func pad(next http.Handler, session string, floor time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/self-service/login" {
			next.ServeHTTP(w, r)
			return
		}
		began := time.Now()
		out := ory.NewBuffer()
		next.ServeHTTP(out, r)
		if !signedIn(out, session) {
			wait := time.NewTimer(floor - time.Since(began))
			defer wait.Stop()
			select {
			case <-wait.C:
			case <-r.Context().Done():
			}
		}
		out.Flush(w)
	})
}

// signedIn tells a login that passed from one that did not: a browser is given the session's cookie,
// an API client an answer of 200.
func signedIn(b *ory.Buffer, session string) bool {
	if b.Status() == http.StatusOK {
		return true
	}
	for _, c := range b.Header()["Set-Cookie"] {
		if strings.HasPrefix(c, session+"=") {
			return true
		}
	}
	return false
}
