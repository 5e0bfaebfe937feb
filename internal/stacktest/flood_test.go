package stacktest

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// TestIntrospectionUnderAFloodOfSignIns asks about a token while two hundred people sign in at once, with
// the ceiling on hashes and without it.
func TestIntrospectionUnderAFloodOfSignIns(t *testing.T) {
	if os.Getenv(LongVariable) == "" {
		t.Skipf("SKIP: %s is not set", LongVariable)
	}
	ratio := func(t *testing.T, opts ...Option) float64 {
		d := newDatabases(t, pgtest.Shared(t))
		s := d.start(t, append(opts, withFiles(t, map[string]string{"clients": machineFile}), Set("database.pool.max_open", "40"))...)
		const people = 40
		for i := range people {
			makePerson(t, s, fmt.Sprintf("p%d@example.com", i))
		}
		var token grant
		call(t, http.MethodPost, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {"machine"}, "client_secret": {"machine-secret-machine-secret"},
		}.Encode(), nil, &token)
		p99 := func() time.Duration {
			var took []time.Duration
			for range 400 {
				began := time.Now()
				var got struct{ Active bool }
				call(t, http.MethodPost, s.URLs.HydraAdmin+"/admin/oauth2/introspect", "application/x-www-form-urlencoded",
					url.Values{"token": {token.Access}}.Encode(), nil, &got)
				if !got.Active {
					t.Fatal("the token is not active")
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			return took[len(took)*99/100]
		}
		p99() // warm
		idle := p99()
		var stop atomic.Bool
		var flood sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		actions := make([]string, 200)
		for i := range actions {
			actions[i] = nativeLogin(t, s)
		}
		for i, action := range actions {
			flood.Go(func() {
				for !stop.Load() {
					if t.Failed() {
						return
					}
					got := submitPassword(t, action, fmt.Sprintf("p%d@example.com", i%people), password)
					mu.Lock()
					statuses[got.status]++
					mu.Unlock()
					if got.status >= http.StatusTooManyRequests {
						<-time.After(max(got.after, time.Second))
					}
				}
			})
		}
		busy := p99()
		stop.Store(true)
		flood.Wait()
		tried.Report(t, "introspection while 200 people sign in at once", "p99 idle %s, then %s (%.1f times); answers to the sign-ins by status: %v",
			idle, busy, float64(busy)/float64(idle), statuses)
		return float64(busy) / float64(idle)
	}
	t.Run("with the ceiling", func(t *testing.T) {
		// Two is the goal and three what was measured (docs/security.md); the clients take part of the cores here.
		if got := ratio(t); got > 20 {
			t.Errorf("got a p99 of %.1f times that of an idle process", got)
		}
	})
	t.Run("without it", func(t *testing.T) { ratio(t, Without("ceiling of hashes")) })
}
