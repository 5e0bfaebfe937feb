package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx, beside the seam

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/scripttest"
)

// TestAMigrationSurvivesKillNine kills the process that migrates in the middle of a migration, whose
// statements have run and whose record has not, and lets the next one finish what it finds.
func TestAMigrationSurvivesKillNine(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") != "1" {
		t.Skip("SKIP: it waits for a lease to expire, 30 s; set IDENTITYD_TEST_LONG=1")
	}
	server := pgtest.Start(t)
	hydra, kratos := server.Databases(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{hydra, kratos} {
		server.Admin(t, "CREATE DATABASE "+name+" OWNER "+u.User.Username())
	}
	dir := t.TempDir()
	environ := append(scripttest.AnyPort(),
		"PATH="+os.Getenv("PATH"), "GORACE="+os.Getenv("GORACE"), "IDENTITYD_DATABASE_URL="+server.URL(),
		"IDENTITYD_DATABASE_HYDRA_NAME="+hydra, "IDENTITYD_DATABASE_KRATOS_NAME="+kratos,
		// As in production: only an empty database, of which half was made already, is migrated.
		"IDENTITYD_DATABASE_MIGRATE=empty")
	db, err := sql.Open("pgx", server.DatabaseURL(kratos))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	const done, stopsAt, lock = 40, 120, 4711
	versions := halfMigrated(t, db, dir, environ, done)
	// The record of one migration waits for a lock, so that the kill comes between it and the migration.
	run(t, db, fmt.Sprintf(`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.version = '%s' THEN PERFORM pg_advisory_xact_lock(%d); END IF; RETURN NEW; END $$`, versions[stopsAt], lock),
		"CREATE TRIGGER hold BEFORE INSERT ON schema_migration FOR EACH ROW EXECUTE FUNCTION hold()")
	holder, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close() //nolint:errcheck // the test is over
	if _, err := holder.ExecContext(t.Context(), fmt.Sprintf("SELECT pg_advisory_lock(%d)", lock)); err != nil {
		t.Fatal(err)
	}

	first := begin(t, dir, "first", environ)
	if err := first.Await("the middle of a migration", func() bool {
		return number(t, db, fmt.Sprintf("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %d AND NOT granted", lock)) == 1
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := readiness(t, first), "migrating "; !strings.Contains(got, want) || !strings.Contains(got, " of ") {
		t.Errorf("readiness of the one that migrates: got %s, want how far it is", got)
	}
	second := begin(t, dir, "second", environ)
	if err := second.Await("its turn", func() bool {
		return strings.Contains(readiness(t, second), "waiting for another process to finish its start")
	}); err != nil {
		t.Fatal(err)
	}
	if got := number(t, db, "SELECT count(*) FROM schema_migration"); got != stopsAt {
		t.Errorf("got %d records, want the %d before the one that is held", got, stopsAt)
	}
	first.Kill()
	killed := time.Now()
	if _, err := holder.ExecContext(t.Context(), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", lock)); err != nil {
		t.Fatal(err)
	}
	if err := second.Await("the line ready", func() bool { return second.Logs("ready") }); err != nil {
		t.Fatal(err)
	}
	t.Logf("ready %s after the kill", time.Since(killed).Round(100*time.Millisecond))
	if first.Code() != -1 || first.Logs("database migrated") && !second.Logs("database migrated") {
		t.Errorf("got code %d, want a killed process and the other one at its work", first.Code())
	}
	got := []int{
		number(t, db, "SELECT count(*) FROM schema_migration"), number(t, db, "SELECT count(DISTINCT version) FROM schema_migration"),
		number(t, db, "SELECT count(*) FROM networks"),
	}
	if want := []int{len(versions), len(versions), 1}; !slices.Equal(got, want) {
		t.Errorf("records, versions and tenants: got %v, want %v", got, want)
	}
	if out := identityd(t, dir, environ, "migrate", "status"); !strings.Contains(out, "\nup to date\n") {
		t.Errorf("got %s, want up to date", out)
	}
}

// halfMigrated applies the first migrations of Kratos as its own migrator would, and returns the versions
// of all.
func halfMigrated(t *testing.T, db *sql.DB, dir string, environ []string, n int) []string {
	t.Helper()
	var planned []struct{ Engine, Version, SQL string }
	if err := json.Unmarshal([]byte(identityd(t, dir, environ, "migrate", "plan", "--json")), &planned); err != nil {
		t.Fatal(err)
	}
	var versions []string
	run(t, db, "CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0)",
		"CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version)",
		"CREATE INDEX schema_migration_version_self_idx ON schema_migration (version_self)")
	for _, p := range planned {
		if p.Engine != "kratos" {
			continue
		}
		if versions = append(versions, p.Version); len(versions) <= n {
			run(t, db, p.SQL, "INSERT INTO schema_migration (version) VALUES ('"+p.Version+"')")
		}
	}
	return versions
}

func begin(t *testing.T, dir, name string, environ []string) *scripttest.Process {
	t.Helper()
	p, err := scripttest.Start(dir, name, environ, []string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if err := p.Await("its listeners", func() bool { return len(p.Addresses()["ops"]) > 0 }); err != nil {
		t.Fatal(err)
	}
	return p
}

// readiness is what the process says of itself.
func readiness(t *testing.T, p *scripttest.Process) string {
	t.Helper()
	address := p.Addresses()["ops"][0]
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/health/ready", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// identityd runs a command to its end.
func identityd(t *testing.T, dir string, environ []string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("identityd")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environ, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(path), args, err, &stderr)
	}
	return stdout.String()
}

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func number(t *testing.T, db *sql.DB, query string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
