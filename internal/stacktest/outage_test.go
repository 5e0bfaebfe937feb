package stacktest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
)

// TestReadinessFollowsTheDatabase stops and freezes the database of a running stack.
func TestReadinessFollowsTheDatabase(t *testing.T) {
	server := pgtest.Start(t)
	s := Start(t, onPostgres(t, server)...)
	t.Run("a stopped database makes it not ready, and alive", func(t *testing.T) {
		server.Stop(pgtest.Immediate)
		status, errors := awaitReady(t, s, http.StatusServiceUnavailable)
		if got := errors["hydra_database"] + errors["kratos_database"]; !strings.Contains(got, "the database cannot be reached") {
			t.Errorf("got %d %v, want the reason", status, errors)
		}
		if got := get(t, s.URLs.UI+"/health/alive", nil); got != http.StatusOK {
			t.Errorf("alive: got %d, want 200", got)
		}
	})
	t.Run("it is ready again when the database is back", func(t *testing.T) {
		server.Start()
		awaitReady(t, s, http.StatusOK)
	})
	t.Run("a frozen database is noticed within two seconds a check", func(t *testing.T) {
		server.Freeze()
		defer server.Thaw()
		began := time.Now()
		_, errors := awaitReady(t, s, http.StatusServiceUnavailable)
		// The last result is good for a second, the check may take two.
		if took, most := time.Since(began), 6*time.Second; took > most {
			t.Errorf("took %s, want at most %s: %v", took, most, errors)
		}
	})
	t.Run("it is ready again when the database thaws", func(t *testing.T) { awaitReady(t, s, http.StatusOK) })
}

// awaitReady asks for readiness until it has the status.
func awaitReady(t *testing.T, s *Stack, want int) (int, map[string]string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		var body struct {
			Errors map[string]string `json:"errors"`
		}
		got := get(t, s.URLs.Ops+"/health/ready", &body)
		if got == want {
			return got, body.Errors
		}
		if time.Now().After(deadline) {
			t.Fatalf("readiness: got %d %v, want %d", got, body.Errors, want)
		}
	}
}

func get(t *testing.T, url string, into any) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if into != nil {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			t.Fatalf("%s: %v", url, err)
		}
	}
	return res.StatusCode
}
