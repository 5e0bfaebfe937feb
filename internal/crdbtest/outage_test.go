package crdbtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/stacktest"
)

// TestOutage kills the only node: no answer is a verdict while it is away, and afterwards everything works.
func TestOutage(t *testing.T) {
	c := crdbtest.StartCluster(t, "eu-west-1")
	where := at(c.URL(), "hydra", "kratos", filepath.Join(t.TempDir(), "data"))
	if err := where.migrate(t); err != nil {
		t.Fatal(err)
	}
	s := stacktest.Start(t, where.options()...)
	s.Journey(t, client, 1)
	c.Kill(0)
	within(t, time.Minute, "readiness says so", func() error {
		return wantStatus(t, http.MethodGet, "http://"+s.Address("ops")+"/health/ready", "", http.StatusServiceUnavailable)
	})
	for _, request := range []struct{ method, url, body string }{
		{http.MethodPost, s.URLs.Hydra + "/oauth2/token", "grant_type=client_credentials&client_id=a&client_secret=b"},
		{http.MethodPost, s.URLs.HydraAdmin + "/admin/oauth2/introspect", "token=a.b"},
	} {
		if err := wantStatus(t, request.method, request.url, request.body, http.StatusServiceUnavailable); err != nil {
			t.Error(err)
		}
	}
	c.Restart(0)
	within(t, 2*time.Minute, "readiness comes back", func() error {
		return wantStatus(t, http.MethodGet, "http://"+s.Address("ops")+"/health/ready", "", http.StatusOK)
	})
	s.Journey(t, client, 2)
}

// TestANodeIsLost is the promise itself: three regions, people who sign in all the time, and the node of the
// primary region gone from one moment to the next. Journeys pass again within a minute, and no
// row that was acknowledged is lost.
func TestANodeIsLost(t *testing.T) {
	c := crdbtest.StartCluster(t, threeRegions...)
	where := at(c.URL(), "hydra", "kratos", filepath.Join(t.TempDir(), "data"))
	if err := where.migrate(t); err != nil {
		t.Fatal(err)
	}
	where.with(goal("region", "primary")).apply(t)
	replicated(t, c)
	s := stacktest.Start(t, where.options()...)
	s.Journey(t, client, 2)
	people := count(t, c.DB(t, "kratos"), "SELECT count(*) FROM identities")

	done := make(chan error, 1)
	go func() { done <- journey(t, s) }()
	killed := time.Now()
	c.Kill(0)
	if err := <-done; err != nil {
		t.Logf("the journey that met the loss: %v", err)
	}
	within(t, time.Minute, "journeys pass without the primary region", func() error { return journey(t, s) })
	t.Logf("RECOVERED IN: %s", time.Since(killed).Round(time.Second))
	if got := count(t, c.DB(t, "kratos"), "SELECT count(*) FROM identities"); got <= people {
		t.Errorf("got %d people, want more than the %d of before", got, people)
	}
	c.Restart(0)
	s.Journey(t, client, 2)
}

// replicated waits until no range has fewer replicas than it should: a node that dies before would be no test.
func replicated(t *testing.T, c *crdbtest.Cluster) {
	t.Helper()
	db := c.DB(t, "defaultdb")
	within(t, 10*time.Minute, "every range has its replicas", func() error {
		var under int
		err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM [SHOW CLUSTER RANGES] WHERE array_length(replicas, 1) < 3`).Scan(&under)
		if err == nil && under > 0 {
			err = fmt.Errorf("%d ranges have fewer than three replicas", under)
		}
		return err
	})
}

// journey is Stack.Journey, which would end the test.
func journey(t *testing.T, s *stacktest.Stack) error {
	t.Helper()
	addresses, err := json.Marshal(map[string]string{
		"ui": s.URLs.UI, "hydra": s.URLs.Hydra, "kratos": s.URLs.Kratos, "hydra_admin": s.URLs.HydraAdmin,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, client, "-json", "-addresses", string(addresses), "-parallel", "1", "-timeout", "1m30s").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// wantStatus makes a request. A 503 has to say when to come back.
func wantStatus(t *testing.T, method, url, body string, want int) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	defer http.DefaultClient.CloseIdleConnections()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode != want:
		return fmt.Errorf("%s %s: got %s, want %d: %s", method, url, res.Status, want, got)
	case body != "" && want == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "":
		return fmt.Errorf("%s %s: got no Retry-After", method, url)
	}
	return nil
}

func within(t *testing.T, limit time.Duration, what string, f func() error) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); ; <-tick.C {
		err := f()
		if err == nil {
			return
		}
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		}
	}
}
