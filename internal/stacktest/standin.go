package stacktest

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sqlseam/standin"
	"example.com/identityd/internal/stack"
)

// The variables that choose what serves the tests that take onPostgres.
const (
	// StandInVariable, set to cockroach, serves PostgreSQL under cockroach:// URLs, with the index hints
	// of CockroachDB left out (internal/sqlseam/standin).
	StandInVariable = "IDENTITYD_TEST_STANDIN"
	// LongVariable, set to 1, runs what takes longer than half a minute.
	LongVariable = "IDENTITYD_TEST_LONG"
)

// StandIn reports whether PostgreSQL stands in for CockroachDB.
func StandIn() bool { return os.Getenv(StandInVariable) == "cockroach" }

// Long skips a test that takes longer than half a minute, unless it was asked for.
func Long(t testing.TB) {
	t.Helper()
	if os.Getenv(LongVariable) != "1" {
		t.Skip("SKIP: takes longer than half a minute; set " + LongVariable + "=1")
	}
}

// AsCockroach migrates two databases of a PostgreSQL under its own name, which is what CockroachDB's
// own migrations cannot do there, and returns its URL as that of a CockroachDB. The secrets, with which
// the first keys are sealed, are made in the folder data.
func AsCockroach(t testing.TB, url, hydra, kratos, data string) string {
	t.Helper()
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: map[string]string{
		"data_dir": data, "database.url": url, "database.hydra.name": hydra, "database.kratos.name": kratos,
	}})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&Log{}, nil))
	standin.AsItself(func() { err = stack.Migrate(t.Context(), cfg, stack.Options{Log: log, Version: "test"}) })
	if err != nil {
		t.Fatalf("migrating the databases of the stand-in: %v", err)
	}
	// The keys that were made with secrets of the development profile; the stack makes its own.
	Exec(t, url, hydra, "DELETE FROM hydra_jwk")
	for name, folders := range map[string][]string{
		hydra: {folder(t, "github.com/ory/hydra/v2", "persistence/sql/migrations")},
		kratos: {
			folder(t, "github.com/ory/kratos", "persistence/sql/migrations/sql"),
			folder(t, "github.com/ory/x", "networkx/migrations/sql"),
		},
	} {
		u := *must(pgx.ParseConfig(url))
		u.Database = name
		if err := fillVersions(t.Context(), &u, folders); err != nil {
			t.Fatalf("filling in the versions of CockroachDB: %v", err)
		}
	}
	_, rest, _ := strings.Cut(url, "://")
	return "cockroach://" + rest
}

// fillVersions writes down that the migrations were made which exist for CockroachDB alone: what they
// do, PostgreSQL's have done under other numbers.
func fillVersions(ctx context.Context, at *pgx.ConnConfig, folders []string) error {
	var versions []string
	for _, dir := range folders {
		names, err := fs.Glob(os.DirFS(dir), "*.up.sql")
		if err != nil {
			return err
		}
		for _, name := range names {
			if v := cockroachVersion(name); v != "" {
				versions = append(versions, v)
			}
		}
	}
	slices.Sort(versions)
	versions = slices.Compact(versions)
	conn, err := pgx.ConnectConfig(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement decides
	_, err = conn.Exec(ctx, `INSERT INTO schema_migration (version)
		SELECT v FROM unnest($1::text[]) v WHERE v NOT IN (SELECT version FROM schema_migration)`, versions)
	return err
}

// migrationName is that of popx (ory/x popx/match.go).
var migrationName = regexp.MustCompile(`^(\d+)_[^.]+(\.[a-z0-9]+)?(\.autocommit)?\.up\.sql$`)

// cockroachVersion returns the number of a migration that runs on CockroachDB.
func cockroachVersion(name string) string {
	m := migrationName.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	switch m[2] {
	case "", ".autocommit", ".cockroach":
		return m[1]
	}
	return ""
}

// folder returns a folder of a module in the module cache. Kratos exports its migrations nowhere.
func folder(t testing.TB, module, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), path)
	if _, statErr := os.Stat(dir); err != nil || statErr != nil {
		t.Fatalf("looking for the migrations of %s: %v", module, cmp.Or(err, statErr))
	}
	return dir
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("the URL of a test: %v", err))
	}
	return v
}
