package stacktest

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/pgtest"
)

// held is what a process holds on to.
type held struct {
	goroutines, files, connections, series int
	heap                                   uint64
}

// TestTwentyReloadsLeaveNothingBehind puts twenty pairs of engines in the place of others and looks for what is
// left of them.
func TestTwentyReloadsLeaveNothingBehind(t *testing.T) {
	server := pgtest.Shared(t)
	for name, opts := range map[string][]Option{"sqlite": nil, "postgres": onPostgres(t, server)} {
		t.Run(name, func(t *testing.T) {
			if name == "sqlite" {
				notOnStandIn(t, onSQLite)
				Long(t) // on PostgreSQL it is seen in every run
			}
			s := StartChanging(t, append(opts, Set("tokens.access", "61m"))...)
			change := func(i int) {
				t.Helper()
				s.MustChange(t, Set("tokens.access", fmt.Sprintf("%dm", i)), Set("login.first.password.min_length", fmt.Sprint(10+i%3)))
			}
			for i := range 3 { // what is made once is made
				change(10 + i)
			}
			before := s.holds(t, server)
			for i := range 20 {
				change(20 + i)
			}
			bound := time.Now().Add(45 * time.Second)
			for {
				after := s.holds(t, server)
				// One of each for what comes and goes by itself.
				ok := after.goroutines <= before.goroutines+10 && after.files <= before.files+6 &&
					after.connections <= before.connections+4 && after.series <= before.series &&
					after.heap <= before.heap+12<<20
				if ok {
					if strings.Contains(s.Log.String(), "was not clean") {
						t.Error("a pair of engines did not end well")
					}
					t.Logf("before %+v, after %+v", before, after)
					return
				}
				if time.Now().After(bound) {
					t.Fatalf("before %+v, after %+v\n%s", before, after, goroutines())
				}
				<-time.After(time.Second)
			}
		})
	}
}

func (c *Changing) holds(t *testing.T, server *pgtest.Server) (h held) {
	t.Helper()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.heap, h.goroutines = m.HeapAlloc, runtime.NumGoroutine()
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.files = len(list)
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, body := fetch(t, client, http.MethodGet, c.URLs.Ops+"/metrics", "")
	h.series = len(families) + strings.Count(body, "# TYPE")
	h.connections = connections(t, server)
	return h
}

// connections counts those of all databases of a server but its own.
func connections(t *testing.T, server *pgtest.Server) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", server.DatabaseURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func goroutines() string {
	buf := make([]byte, 8<<20)
	return string(buf[:runtime.Stack(buf, true)])
}
