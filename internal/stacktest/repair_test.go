package stacktest

import (
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/ddl"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

// ownedDatabases makes two that are empty, and returns what configures a stack on them, and their URLs.
func ownedDatabases(t *testing.T, server *pgtest.Server) (opts []Option, urls map[string]string) {
	t.Helper()
	hydra, kratos := server.Databases(t)
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{hydra, kratos} {
		server.Admin(t, "CREATE DATABASE "+name+" OWNER "+u.User.Username())
	}
	urls = map[string]string{"hydra": server.DatabaseURL(hydra), "kratos": server.DatabaseURL(kratos)}
	return []Option{
		Set("data_dir", t.TempDir()), Set("database.url", server.URL()),
		Set("database.hydra.name", hydra), Set("database.kratos.name", kratos),
	}, urls
}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func quietOptions() stack.Options {
	return stack.Options{Log: slog.New(slog.DiscardHandler), Version: "test"}
}

// TestEveryMigrationIsTold runs each migration of both engines by hand, and looks for its effect before
// and after: what identityd migrate repair says has to be true of all of them.
func TestEveryMigrationIsTold(t *testing.T) {
	notOnStandIn(t, migrates)
	opts, urls := ownedDatabases(t, pgtest.Shared(t))
	planned, err := stack.Plan(t.Context(), Configure(t, opts...), quietOptions())
	if err != nil {
		t.Fatal(err)
	}
	dbs := map[string]*sql.DB{"hydra": open(t, urls["hydra"]), "kratos": open(t, urls["kratos"])}
	seen := map[ddl.Verdict]int{}
	for _, p := range planned {
		db := dbs[p.Engine]
		if p.SQL == "" || db == nil {
			continue
		}
		check := func() []ddl.Effect {
			effects, err := ddl.Check(t.Context(), db, p.SQL)
			if err != nil {
				t.Fatalf("%s %s: %v", p.Engine, p.Name, err)
			}
			return effects
		}
		before := check()
		if v := ddl.Whole(before); v == ddl.There && !ddl.Trivial(before) {
			t.Errorf("%s %s_%s: there before it ran\n%s", p.Engine, p.Version, p.Name, p.SQL)
		}
		if _, err := db.ExecContext(t.Context(), p.SQL); err != nil {
			t.Fatalf("%s %s: %v", p.Engine, p.Name, err)
		}
		after := check()
		v := ddl.Whole(after)
		seen[v]++
		if v == ddl.Missing || v == ddl.Different {
			t.Errorf("%s %s_%s: %s after it ran\n%s\n%+v", p.Engine, p.Version, p.Name, v, p.SQL, after)
		}
	}
	t.Logf("migrations by what the catalog tells of them: %v", seen)
	// The others change rows, defaults, or constraints under the same name.
	if seen[ddl.There] < 4*seen[ddl.Unknown] {
		t.Errorf("got %v, want most to be told", seen)
	}
}

// TestTheOverlayIsSQL runs the four statements that only CockroachDB gets on tables of the shape they
// meet, in PostgreSQL: their syntax is common to both. That CockroachDB takes them is not shown by it.
func TestTheOverlayIsSQL(t *testing.T) {
	notOnStandIn(t, migrates)
	_, urls := ownedDatabases(t, pgtest.Shared(t))
	db := open(t, urls["hydra"])
	tables := map[string]string{
		"20211004110003000000": "CREATE TABLE hydra_client (old INT, pk UUID NOT NULL, CONSTRAINT \"primary\" PRIMARY KEY (old))",
		"20211011000003000000": "CREATE TABLE hydra_jwk (old INT, pk UUID NOT NULL, CONSTRAINT \"primary\" PRIMARY KEY (old))",
		"20220210000001000033": "CREATE TABLE hydra_oauth2_jti_blacklist (signature TEXT, nid UUID NOT NULL, CONSTRAINT \"primary\" PRIMARY KEY (signature))",
		"20220210000001000044": "CREATE TABLE hydra_oauth2_obfuscated_authentication_session " +
			"(subject TEXT, client_id TEXT, nid UUID NOT NULL, CONSTRAINT \"primary\" PRIMARY KEY (subject, client_id))",
	}
	files, err := filepath.Glob("../hydra/migrations/*.sql")
	if err != nil || len(files) != len(tables) {
		t.Fatalf("got %v, %v, want %d files", files, err, len(tables))
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// CockroachDB names an order of the columns of a key, which PostgreSQL does not know there.
		text := strings.ReplaceAll(string(raw), " ASC", "")
		version, _, _ := strings.Cut(filepath.Base(file), "_")
		runSQL(t, db, tables[version])
		for _, step := range []struct {
			want ddl.Verdict
			then string
		}{{ddl.Missing, text}, {ddl.There, ""}} {
			effects, err := ddl.Check(t.Context(), db, text)
			if err != nil || ddl.Whole(effects) != step.want {
				t.Errorf("%s: got %+v, %v, want %s", version, effects, err, step.want)
			}
			if step.then != "" {
				runSQL(t, db, step.then)
			}
		}
	}
}

func runSQL(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestRepair deletes records of migrations that ran, as a crash on CockroachDB leaves them out.
func TestRepair(t *testing.T) {
	notOnStandIn(t, migrates)
	opts, urls := ownedDatabases(t, pgtest.Shared(t))
	cfg := Configure(t, opts...)
	planned, err := stack.Plan(t.Context(), cfg, quietOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Migrate(t.Context(), cfg, quietOptions()); err != nil {
		t.Fatal(err)
	}
	db := open(t, urls["kratos"])
	// pick returns the last migration of Kratos that the catalog tells this of.
	pick := func(suits func(stack.Planned, []ddl.Effect) bool) stack.Planned {
		t.Helper()
		for _, p := range slices.Backward(planned) {
			if p.Engine != "kratos" || p.SQL == "" {
				continue
			}
			effects, err := ddl.Check(t.Context(), db, p.SQL)
			if err != nil {
				t.Fatal(err)
			}
			if suits(p, effects) {
				return p
			}
		}
		t.Fatal("there is no such migration")
		return stack.Planned{}
	}
	forget := func(p stack.Planned) {
		t.Helper()
		runSQL(t, db, "DELETE FROM schema_migration WHERE version = '"+p.Version+"'")
	}
	recall := func(p stack.Planned) {
		t.Helper()
		runSQL(t, db, "INSERT INTO schema_migration (version) VALUES ('"+p.Version+"')")
	}
	yes := func([]stack.Finding) (bool, error) { return true, nil }
	repair := func(record func([]stack.Finding) (bool, error)) []stack.Finding {
		t.Helper()
		found, err := stack.Repair(t.Context(), cfg, quietOptions(), record)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	pending := func() int {
		t.Helper()
		s, err := stack.Status(t.Context(), cfg, quietOptions())
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Databases[1].Pending)
	}

	t.Run("nothing is to do where everything is recorded", func(t *testing.T) {
		if found := repair(yes); len(found) != 0 {
			t.Errorf("got %+v, want nothing", found)
		}
	})
	whole := pick(func(p stack.Planned, effects []ddl.Effect) bool {
		return strings.Contains(p.SQL, "CREATE TABLE") && ddl.Whole(effects) == ddl.There
	})
	t.Run("what is whole is recorded, and not before it was allowed", func(t *testing.T) {
		forget(whole)
		if err := stack.Migrate(t.Context(), cfg, quietOptions()); err == nil || !strings.Contains(err.Error(), whole.Version) {
			t.Fatalf("migrating: got %v, want the failure that repair is for", err)
		}
		found := repair(nil)
		if len(found) != 1 || found[0].Version != whole.Version || !found[0].Repairable() || found[0].Recorded {
			t.Errorf("dry run: got %+v, want %s found", found, whole.Version)
		}
		no := func([]stack.Finding) (bool, error) { return false, nil }
		if repair(no); pending() != 1 {
			t.Error("it was recorded though nobody allowed it")
		}
		if found = repair(yes); len(found) != 1 || !found[0].Recorded || pending() != 0 {
			t.Errorf("got %+v and %d pending, want it recorded", found, pending())
		}
		if err := stack.Migrate(t.Context(), cfg, quietOptions()); err != nil {
			t.Errorf("migrating afterwards: %v", err)
		}
	})
	t.Run("a column of another type is not what the migration makes", func(t *testing.T) {
		adds := regexp.MustCompile(`(?i)^ALTER TABLE "?(\w+)"? ADD (?:COLUMN )?"?(\w+)"? VARCHAR ?\(\d+\)`)
		p := pick(func(p stack.Planned, effects []ddl.Effect) bool {
			return len(effects) == 1 && ddl.Whole(effects) == ddl.There && adds.MatchString(p.SQL)
		})
		m := adds.FindStringSubmatch(p.SQL)
		forget(p)
		defer recall(p)
		runSQL(t, db, "ALTER TABLE "+m[1]+" ALTER COLUMN "+m[2]+" TYPE VARCHAR(1234)")
		found := repair(yes)
		if len(found) != 1 || found[0].Verdict != ddl.Different || pending() != 1 ||
			!strings.Contains(found[0].Effects[0].Detail, "is not of the type") {
			t.Errorf("got %+v, want the type told", found)
		}
	})
	t.Run("what is there in part is left alone", func(t *testing.T) {
		p := pick(func(p stack.Planned, effects []ddl.Effect) bool {
			return len(effects) > 1 && ddl.Whole(effects) == ddl.There && strings.Contains(p.SQL, "CREATE INDEX")
		})
		index := regexp.MustCompile(`CREATE INDEX (?:IF NOT EXISTS )?"?(\w+)`).FindStringSubmatch(p.SQL)
		forget(p)
		defer recall(p)
		runSQL(t, db, "DROP INDEX "+index[1])
		found := repair(yes)
		if len(found) != 1 || found[0].Verdict != ddl.Different || found[0].Recorded || pending() != 1 {
			t.Errorf("got %+v, want half of it told and nothing recorded", found)
		}
	})
	t.Run("what changes rows cannot be told", func(t *testing.T) {
		p := pick(func(_ stack.Planned, effects []ddl.Effect) bool { return ddl.Whole(effects) == ddl.Unknown })
		forget(p)
		defer recall(p)
		found := repair(yes)
		if len(found) != 1 || found[0].Verdict != ddl.Unknown || found[0].Recorded || pending() != 1 {
			t.Errorf("got %+v, want it told apart and nothing recorded", found)
		}
	})
	t.Run("a migration that has not begun is none to repair", func(t *testing.T) {
		forget(whole)
		table := regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)`).FindStringSubmatch(whole.SQL)
		runSQL(t, db, "DROP TABLE "+table[1]+" CASCADE")
		if found := repair(yes); len(found) != 0 || pending() != 1 {
			t.Errorf("got %+v, want nothing", found)
		}
	})
}
