package ory

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gobuffalo/pop/v6"
	"github.com/google/go-cmp/cmp"
)

// engineFiles are migrations as an engine has them.
func engineFiles() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"migrations/20200101000000000000_first.up.sql":            file("CREATE TABLE first (a INT);"),
		"migrations/20200101000000000000_first.down.sql":          file("DROP TABLE first;"),
		"migrations/20200102000000000000_second.up.sql":           file("CREATE TABLE for_all (a INT);"),
		"migrations/20200102000000000000_second.sqlite.up.sql":    file("-- a comment\nCREATE TABLE for_sqlite (a INT);"),
		"migrations/20200102000000000000_second.cockroach.up.sql": file("CREATE TABLE for_cockroach (a INT);"),
		"migrations/20200103000000000000_third.up.sql":            file("CREATE TABLE upstream (a INT);"),
		"migrations/20200104000000000000_fourth.postgres.up.sql":  file("CREATE TABLE for_postgres (a INT);"),
		"migrations/20200105000000000000_fifth.autocommit.up.sql": file("-- nothing to do\n"),
		"migrations/README.md":                                    file("not a migration"),
	}
}

// openLite opens a SQLite database with the migrations of engineFiles.
func openLite(t *testing.T, files, overlay fs.FS) (*Migrations, *pop.Connection, string) {
	t.Helper()
	dsn := "sqlite3://" + filepath.Join(t.TempDir(), "db.sqlite") + "?_fk=true"
	c, err := pop.NewConnection(&pop.ConnectionDetails{URL: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	m, err := ReadMigrations("engine", files, overlay, c, NewLogger("engine", "test", slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	return m, c, dsn
}

func tables(t *testing.T, c *pop.Connection) []string {
	t.Helper()
	var names []string
	err := c.RawQuery("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_migration' ORDER BY name").All(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func stateOf(t *testing.T, m *Migrations) SchemaState {
	t.Helper()
	s, err := m.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMigrations(t *testing.T) {
	overlay := fstest.MapFS{"migrations/20200103000000000000_third.up.sql": {Data: []byte("CREATE TABLE ours (a INT);")}}
	t.Run("each version runs once, in order, its text that of the overlay and of the kind of database", func(t *testing.T) {
		m, c, dsn := openLite(t, engineFiles(), overlay)
		if s := stateOf(t, m); s.Applied != 0 || len(s.Pending) != 4 {
			t.Errorf("before: got %d applied and %d pending, want none and 4", s.Applied, len(s.Pending))
		}
		var saw []string
		if err := m.Up(t.Context(), dsn, func(s Step) { saw = append(saw, s.Name) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"first", "second", "third", "fifth"}, saw); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"first", "for_sqlite", "ours"}, tables(t, c)); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
		if s := stateOf(t, m); s.Applied != 4 || len(s.Pending) != 0 {
			t.Errorf("after: got %+v, want everything applied", s)
		}
		if err := m.Up(t.Context(), dsn, func(s Step) { t.Errorf("ran %s again", s.Name) }); err != nil {
			t.Error(err)
		}
	})
	t.Run("versions that nobody here knows are told apart from known ones", func(t *testing.T) {
		m, c, dsn := openLite(t, engineFiles(), nil)
		if err := m.Up(t.Context(), dsn, nil); err != nil {
			t.Fatal(err)
		}
		// The 14 digits are how older releases of the engines recorded the first one.
		for _, v := range []string{"20990101000000000000", "20190101000000000000", "20200101000000"} {
			if err := c.RawQuery("INSERT INTO schema_migration (version) VALUES (?)", v).Exec(); err != nil {
				t.Fatal(err)
			}
		}
		want := SchemaState{Applied: 4, Newer: []string{"20990101000000000000"}, Unknown: []string{"20190101000000000000"}}
		if diff := cmp.Diff(want, stateOf(t, m)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("one that fails leaves those before it, and says which without its SQL", func(t *testing.T) {
		files := engineFiles()
		files["migrations/20200103000000000000_third.up.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE sesame (a INT); SELEKT;")}
		m, c, dsn := openLite(t, files, nil)
		err := m.Up(t.Context(), dsn, nil)
		if err == nil || !strings.Contains(err.Error(), "applying migration 20200103000000000000 (third): ") ||
			strings.Contains(err.Error(), "sesame") {
			t.Errorf("got %v, want the migration's name and no SQL", err)
		}
		if diff := cmp.Diff([]string{"first", "for_sqlite"}, tables(t, c)); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
		if s := stateOf(t, m); s.Applied != 2 {
			t.Errorf("got %d applied, want 2", s.Applied)
		}
	})
	t.Run("it stops between two when its context ends", func(t *testing.T) {
		m, _, dsn := openLite(t, engineFiles(), nil)
		ctx, cancel := context.WithCancel(t.Context())
		err := m.Up(ctx, dsn, func(s Step) {
			if s.Name == "third" {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the context", err)
		}
		if s := stateOf(t, m); s.Applied != 2 {
			t.Errorf("got %d applied, want 2", s.Applied)
		}
	})
	t.Run("a baseline is asked on an empty database only, and what it leaves out is migrated", func(t *testing.T) {
		m, c, dsn := openLite(t, engineFiles(), nil)
		asked := 0
		m.Baseline = func(ctx context.Context, db *sql.DB) (bool, error) {
			asked++
			_, err := db.ExecContext(ctx, "CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL, version_self INT NOT NULL DEFAULT 0);"+
				"INSERT INTO schema_migration (version) VALUES ('"+m.Steps()[0].Version+"')")
			return true, err
		}
		for range 2 {
			if err := m.Up(t.Context(), dsn, nil); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"for_sqlite", "upstream"}, tables(t, c)); diff != "" || asked != 1 {
			t.Errorf("asked %d times, want once; tables (-want +got):\n%s", asked, diff)
		}
	})
	t.Run("recording a step is enough for it not to run", func(t *testing.T) {
		m, c, dsn := openLite(t, engineFiles(), nil)
		if err := c.RawQuery("CREATE TABLE schema_migration (version VARCHAR(48) NOT NULL, version_self INT NOT NULL DEFAULT 0)").Exec(); err != nil {
			t.Fatal(err)
		}
		if err := m.MarkApplied(t.Context(), m.Steps()[0]); err != nil {
			t.Fatal(err)
		}
		if err := m.Up(t.Context(), dsn, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"for_sqlite", "upstream"}, tables(t, c)); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
	})
}
