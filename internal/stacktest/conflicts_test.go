package stacktest

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	spans "go.opentelemetry.io/proto/otlp/trace/v1"

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
	c := newOTLP(t)
	s := d.start(t, Set("tracing.endpoint", c.URL), Set("tracing.sample", "1"))
	defer Conflicts(t, d.server.URL(), 0.3, d.hydra, d.kratos)()
	for range rounds {
		s.Journey(t, client, parallel)
	}
	t.Run("and a trace tells of it", func(t *testing.T) {
		c.await(t, "of a transaction that was run again", func(all []*spans.Span) bool {
			return anySpan(all, func(s *spans.Span) bool {
				return slices.ContainsFunc(s.Events, func(e *spans.Span_Event) bool {
					return strings.HasPrefix(e.Name, "a conflict with another transaction")
				})
			}) != nil
		})
		if anySpan(c.all(), func(s *spans.Span) bool { return spanText(s, "db.response.status_code") == "40001" }) == nil {
			t.Error("no statement has the state 40001")
		}
	})
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
