package crdbtest_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/stacktest"
)

// migrateBound: several hundred schema changes are minutes on CockroachDB.
const migrateBound = 45 * time.Minute

// place is where a stack keeps its data, as words of stack.yaml.
type place map[string]string

// at returns a place on a server, with secrets in a folder that lives as long as its databases.
func at(url, hydra, kratos, dataDir string) place {
	return place{
		"database.url": url, "database.hydra.name": hydra, "database.kratos.name": kratos, "data_dir": dataDir,
	}
}

func (p place) with(more place) place {
	out := place{}
	for _, from := range []place{p, more} {
		for word, value := range from {
			out[word] = value
		}
	}
	return out
}

func (p place) options() []stacktest.Option {
	var out []stacktest.Option
	for word, value := range p {
		out = append(out, stacktest.Set(word, value))
	}
	return out
}

func (p place) config(t testing.TB) config.Config {
	t.Helper()
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: p})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// migrate migrates, and logs the steps for the result file when it fails.
func (p place) migrate(t testing.TB) error {
	t.Helper()
	log := &stacktest.Log{}
	ctx, cancel := context.WithTimeout(t.Context(), migrateBound)
	defer cancel()
	err := stack.Migrate(ctx, p.config(t), stack.Options{
		Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test",
	})
	if err != nil {
		t.Logf("log of the migrations:\n%s", log.Tail())
		for _, m := range regexp.MustCompile(`migration (\d{14,}) \(`).FindAllStringSubmatch(err.Error(), -1) {
			t.Logf("FAILED MIGRATION: %s: %v: %s", m[1], err, sqlOf(t, m[1]))
		}
	}
	return err
}

// sqlOf finds the text of a migration, which errors do not have, since people see them.
func sqlOf(t testing.TB, version string) string {
	t.Helper()
	folders := []string{filepath.Join("..", "hydra", "migrations")}
	for module, folder := range map[string]string{
		"github.com/ory/hydra/v2": "persistence/sql/migrations", "github.com/ory/kratos": "persistence/sql/migrations/sql",
		"github.com/ory/x": "networkx/migrations/sql",
	} {
		dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			return "its text was not found: " + err.Error()
		}
		folders = append(folders, filepath.Join(strings.TrimSpace(string(dir)), folder))
	}
	// The overlay of ours first, then what is for CockroachDB, then what is for all.
	for _, folder := range folders {
		for _, pattern := range []string{version + "*.cockroach.up.sql", version + "*.up.sql"} {
			names, err := filepath.Glob(filepath.Join(folder, pattern))
			if err != nil || len(names) == 0 {
				continue
			}
			for _, name := range names {
				base := filepath.Base(name)
				if strings.Count(base, ".") > 2 && !strings.Contains(base, ".cockroach.") {
					continue // another dialect's
				}
				if raw, err := os.ReadFile(name); err == nil {
					return base + ": " + strings.Join(strings.Fields(string(raw)), " ")
				}
			}
		}
	}
	return "its text was not found"
}

type migrated struct {
	once          sync.Once
	hydra, kratos string
	place         place
	took          time.Duration
	err           error
}

// one is the pair of databases that most tests share: migrating takes minutes.
var one migrated

// onShared returns the shared server, and a place on it whose databases are migrated.
func onShared(t *testing.T) (*crdbtest.Server, place) {
	t.Helper()
	s := crdbtest.Shared(t)
	one.once.Do(func() {
		// Not dropped with this test: others go on with them. A node of our own goes as a whole.
		one.hydra, one.kratos = "identityd_suite_hydra", "identityd_suite_kratos"
		db := s.DB(t, "defaultdb")
		for _, name := range []string{one.hydra, one.kratos} {
			if _, err := db.ExecContext(t.Context(), "DROP DATABASE IF EXISTS "+name+" CASCADE"); err != nil {
				t.Fatal(err)
			}
		}
		one.place = at(s.URL(), one.hydra, one.kratos, filepath.Join(shared, "data"))
		began := time.Now()
		one.err = one.place.migrate(t)
		one.took = time.Since(began)
	})
	if one.err != nil {
		t.Fatalf("the shared databases could not be migrated: %v", one.err)
	}
	return s, one.place
}

func count(t testing.TB, db *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheTextOfAMigrationIsFound needs no database: it is what a failure is reported with.
func TestTheTextOfAMigrationIsFound(t *testing.T) {
	for version, want := range map[string]string{
		"20211004110003000000": `20211004110003000000_change_client_primary_key.cockroach.up.sql: ALTER TABLE hydra_client DROP CONSTRAINT "primary", ADD`,
		"20150100000001000000": "20150100000001000000_networks.cockroach.up.sql: CREATE TABLE",
		"20999999999999000000": "its text was not found",
	} {
		if got := sqlOf(t, version); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s...", version, got, want)
		}
	}
}
