package kratos

import (
	"net/http"
	"time"

	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/verification"

	"example.com/identityd/internal/ory"
)

// failedLogin is the floor of refused logins, so that the time does not tell whether the person exists. What
// takes longer is answered at the next multiple, so that a busy machine gives no finer clock.
const failedLogin = 350 * time.Millisecond

// pad holds back refused logins, and the answers to who asks for mail, of which only some is sent. It stands
// outside of the serializer, the gate and the ceiling on hashes: waiting inside would let twenty wrong
// passwords stall everybody for seconds. Session is the name of the session's cookie.
func pad(next http.Handler, session string, floor time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := submitted(r)
		if at != login.RouteSubmitFlow && at != recovery.RouteSubmitFlow && at != verification.RouteSubmitFlow {
			next.ServeHTTP(w, r)
			return
		}
		began := time.Now()
		out := ory.NewBuffer()
		next.ServeHTTP(out, r)
		switch {
		case issues(out, session), at == login.RouteSubmitFlow && out.Status() == http.StatusOK:
			out.Flush(w)
			return
		case out.Status() == http.StatusTooManyRequests, out.Status() == http.StatusServiceUnavailable:
			out.Flush(w) // nobody was looked up
			return
		}
		wait := time.NewTimer(untilFloor(time.Since(began), floor))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
		}
		out.Flush(w)
	})
}

// untilFloor is how long it is to the next multiple of the floor.
func untilFloor(took, floor time.Duration) time.Duration {
	return floor - took%floor
}

// signedIn tells a login that passed from one that did not: a browser is given the session's cookie,
// an API client an answer of 200.
func signedIn(b *ory.Buffer, session string) bool {
	return b.Status() == http.StatusOK || issues(b, session)
}
