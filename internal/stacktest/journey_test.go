package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

func TestJourneyOnSQLite(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t)
	checkAdminConnections(t, s, s.Journey(t, client, 1))
}

func TestJourneyOnSQLiteWithoutAdminListeners(t *testing.T) {
	notOnStandIn(t, onSQLite)
	folder := filepath.Join(t.TempDir(), "data")
	journeyWithoutAdmin(t, Set("data_dir", folder))
}

// The pages and the engines at addresses of their own, as without the gateway.
func TestJourneyOnPostgres(t *testing.T) {
	s := Start(t, append(onPostgres(t, pgtest.Shared(t)), Set("listen.gateway", "off"))...)
	if s.URLs.UI == s.URLs.Hydra || s.URLs.UI == s.URLs.Kratos {
		t.Fatalf("got %+v, want three addresses", s.URLs)
	}
	checkAdminConnections(t, s, s.Journey(t, client, 4))
}

func TestJourneyOnPostgresWithoutAdminListeners(t *testing.T) {
	journeyWithoutAdmin(t, onPostgres(t, pgtest.Shared(t))...)
}

// journeyWithoutAdmin registers the application on a stack with admin listeners, stops it, and goes on
// the journey on a second stack over the same data without them.
func journeyWithoutAdmin(t *testing.T, where ...Option) {
	t.Helper()
	// The issuer is stored in nothing, but cookies are: the second stack gets ports of its own.
	first := Start(t, where...)
	app := register(t, first)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := Start(t, append(where, Set("listen.hydra_admin", "off"), Set("listen.kratos_admin", "off"))...)
	if second.URLs.HydraAdmin != "" || second.URLs.KratosAdmin != "" {
		t.Fatalf("got admin addresses %+v, want none", second.URLs)
	}
	report := second.Journey(t, client, 1, "-client", app)
	for _, step := range report.Steps {
		if step.Name == "logout back to the application" && step.OK {
			return
		}
	}
	t.Error("the journey did not come to the logout, which crosses from Hydra to Kratos")
}

// register makes an application over the admin API and returns it as the client wants it.
func register(t *testing.T, s *Stack) string {
	t.Helper()
	const callback = "http://127.0.0.1:1/callback"
	const body = `{"client_name":"Journey","grant_types":["authorization_code","refresh_token"],
		"response_types":["code"],"scope":"openid offline_access email profile",
		"redirect_uris":["` + callback + `"],"post_logout_redirect_uris":["http://127.0.0.1:1/bye"],
		"token_endpoint_auth_method":"client_secret_basic"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("got status %d, %v", res.StatusCode, err)
	}
	raw, err := json.Marshal(map[string]string{
		"client_id": made.ID, "client_secret": made.Secret, "client_name": "Journey",
		"redirect_uri": callback, "post_logout_redirect_uri": "http://127.0.0.1:1/bye",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// checkAdminConnections compares what the admin listeners accepted with what the client dialed: the
// engines and the pages reach each other without a socket.
func checkAdminConnections(t *testing.T, s *Stack, r Report) {
	t.Helper()
	host := func(raw string) string {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host
	}
	hydra := host(s.URLs.HydraAdmin)
	if r.Dialed[hydra] == 0 {
		t.Fatal("the client dialed no admin listener, so that the counter proves nothing")
	}
	if got, want := s.Accepted.On(hydra), r.Dialed[hydra]; got != want {
		t.Errorf("hydra's admin listener accepted %d connections, the client dialed %d", got, want)
	}
	if got := s.Accepted.On(host(s.URLs.KratosAdmin)); got != 0 {
		t.Errorf("kratos' admin listener accepted %d connections, want none", got)
	}
}

// TestParallelJourneysOnColdStacks is for the race detector: the engines build most of their parts in
// the first request that needs them (docs/ory-quirks.md#q22). On SQLite one request at a time is inside
// an engine, which hides its races: so most of the stacks are on PostgreSQL. Five of them, minutes under the
// race detector, are for the long run; every change gets one of each kind.
func TestParallelJourneysOnColdStacks(t *testing.T) {
	notOnStandIn(t, forRaces)
	const journeys = 16
	databases := []string{"postgres", "sqlite"}
	if os.Getenv(LongVariable) == "1" {
		databases = append(databases, "postgres", "sqlite", "postgres")
	}
	for i, database := range databases {
		t.Run(fmt.Sprintf("stack %d on %s", i+1, database), func(t *testing.T) {
			// Nobody waits at the door of hashes, where a slow machine turns people away (internal/ory/ceiling.go).
			where := []Option{Set("throttle.hashes", "2")}
			if database == "postgres" {
				where = append(where, onPostgres(t, pgtest.Shared(t))...)
			}
			Start(t, where...).Journey(t, client, journeys)
		})
	}
}
