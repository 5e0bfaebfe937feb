package stacktest

import (
	"database/sql"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
)

// TestTheSmallestPoolServesManyAtOnce is fault 8 of the design: with two connections nothing waits for ever.
func TestTheSmallestPoolServesManyAtOnce(t *testing.T) {
	server := pgtest.Start(t)
	s := Start(t, append(onPostgres(t, server), Set("database.pool.max_open", "2"))...)
	for range 2 {
		// As many as are let in at once; others would wait for a second, and on a slow machine be turned away (internal/outage/shed.go).
		s.Journey(t, client, 3)
	}
	for _, pool := range []string{"hydra", "kratos"} {
		// Whoever waits does so at the gate: a request of Kratos takes one connection now.
		if most, open := pooled(t, s, "go_sql_max_open_connections", pool), pooled(t, s, "go_sql_open_connections", pool); most != 2 || open == 0 {
			t.Errorf("%s: got a pool of %v in which %v are open, want 2 and some", pool, most, open)
		}
		if closed := pooled(t, s, "go_sql_max_idle_closed_total", pool); closed != 0 {
			t.Errorf("%s: got %v connections closed between two requests, want all to be kept", pool, closed)
		}
	}
	if got := pooled(t, s, "go_sql_max_open_connections", "identityd"); got == 0 {
		t.Error("our own pool is not on /metrics")
	}
}

func pooled(t *testing.T, s *Stack, metric, pool string) float64 {
	t.Helper()
	res, err := http.Get(s.URLs.Ops + "/metrics") //nolint:gosec // of the test's own stack
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + metric + `\{db_name="` + pool + `"\} (\S+)$`).FindSubmatch(raw)
	if m == nil {
		t.Fatalf("%s of %s is not on /metrics", metric, pool)
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestAStricterDefaultIsSetAside is fault 7: the engines do not repeat what SERIALIZABLE refuses, so that their
// connections ask for what they were written for.
func TestAStricterDefaultIsSetAside(t *testing.T) {
	notOnStandIn(t, itsScheme)
	server := pgtest.Start(t)
	hydra, kratos := server.Databases(t)
	for _, name := range []string{hydra, kratos} {
		server.Admin(t, "CREATE DATABASE "+name+" OWNER identityd",
			"ALTER DATABASE "+name+" SET default_transaction_isolation = 'serializable'")
	}
	s := Start(t, Set("data_dir", t.TempDir()), Set("database.url", server.URL()),
		Set("database.hydra.name", hydra), Set("database.kratos.name", kratos))
	s.Journey(t, client, 4)
	if !strings.Contains(s.Log.String(), "transactions run at serializable by default") {
		t.Errorf("nobody was told:\n%s", s.Log.Tail())
	}
	u, err := url.Parse(server.DatabaseURL(hydra))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var level string
	if err := db.QueryRowContext(t.Context(), "SHOW default_transaction_isolation").Scan(&level); err != nil || level != "serializable" {
		t.Fatalf("the database itself: got %q, %v: the test shows nothing", level, err)
	}
}
