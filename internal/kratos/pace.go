package kratos

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/ory/kratos/selfservice/flow/registration"

	"example.com/identityd/internal/ory"
)

// pace makes sign-ups with new and with known addresses take equally long: to store a person takes some ten
// statements that a known address does not. Both answers are held until the time that the slowest new one
// took lately; how long that is depends on the way to the database, and so is measured. The first ones wait for
// the floor.
//
// It stands outside the serializer, as pad does.
type pace struct {
	lock  sync.Mutex
	floor time.Duration
}

// Bounds of a pace: the least is more than a hash and a store on one machine take.
const (
	leastSignUp = 400 * time.Millisecond
	mostSignUp  = 3 * time.Second
)

func newPace() *pace { return &pace{floor: leastSignUp} }

// outcome is how a sign-up ended.
type outcome int

const (
	signUpFailed outcome = iota
	signUpNew
	signUpKnown
)

type outcomeKey struct{}

// ended notes how the sign-up of ctx ended.
func ended(ctx context.Context, how outcome) {
	if out, ok := ctx.Value(outcomeKey{}).(*outcome); ok {
		*out = how
	}
}

func (p *pace) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != registration.RouteSubmitFlow {
			next.ServeHTTP(w, r)
			return
		}
		began, how := time.Now(), signUpFailed
		out := ory.NewBuffer()
		next.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), outcomeKey{}, &how)))
		if floor := p.after(time.Since(began), how); floor > 0 {
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

// after returns how long the answer has to take. It rises at once with a slow new sign-up, and falls slowly.
// What was refused, for a short password for instance, says nothing of anybody and is not held.
func (p *pace) after(took time.Duration, how outcome) time.Duration {
	if how == signUpFailed {
		return 0
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	if how == signUpNew {
		p.floor = min(max(took, p.floor-p.floor/20, leastSignUp), mostSignUp)
	}
	return p.floor
}
