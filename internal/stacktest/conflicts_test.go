package stacktest

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestConflictsAreNobodysErrors goes on journeys while three of ten writes meet SQLSTATE 40001.
func TestConflictsAreNobodysErrors(t *testing.T) {
	onlyOnStandIn(t)
	rounds, parallel := 2, 4
	if os.Getenv(LongVariable) == "1" {
		rounds, parallel = 25, 4
	}
	d := newDatabases(t, pgtest.Shared(t))
	s := d.start(t)
	defer Conflicts(t, d.server.URL(), 0.3, d.hydra, d.kratos)()
	for range rounds {
		s.Journey(t, client, parallel)
	}
	t.Run("and the operator sees how often they were repeated", func(t *testing.T) {
		for _, name := range []string{
			`identityd_sql_repeats_total{outcome="recovered"}`, "ory_x_popx_cockroach_transaction_retries_total",
		} {
			if got := samples(t, s, name); got == 0 {
				t.Errorf("%s: got 0", name)
			}
		}
	})
}

// samples adds up the samples whose line begins with a name.
func samples(t *testing.T, s *Stack, name string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Ops+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("metrics: got %d, %v", res.StatusCode, err)
	}
	var sum float64
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, name) {
			continue
		}
		fields := strings.Fields(line)
		n, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			t.Fatalf("reading %q: %v", line, err)
		}
		sum += n
	}
	return sum
}
