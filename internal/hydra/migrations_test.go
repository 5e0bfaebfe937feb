package hydra

import (
	"io/fs"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gobuffalo/pop/v6"
	hsql "github.com/ory/hydra/v2/persistence/sql"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/ory"
)

// on lists Hydra's migrations for a kind of database, without one.
func on(t *testing.T, url string, over fs.FS) *ory.Migrations {
	t.Helper()
	c, err := pop.NewConnection(&pop.ConnectionDetails{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ory.ReadMigrations(name, hsql.Migrations, over, c, ory.NewLogger(name, "test", slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// changed are the texts that differ from upstream's.
func changed(t *testing.T, url string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	m := on(t, url, overlay)
	for _, s := range m.Steps() {
		if s.Changed {
			text, err := m.SQL(s)
			if err != nil {
				t.Fatal(err)
			}
			out[s.Version+"_"+s.Name] = strings.Split(text, "\n")
		}
	}
	return out
}

var dropsPrimary = regexp.MustCompile(`(?i)DROP\s+CONSTRAINT\s+"?primary"?\s*;`)

// TestTheOverlayIsWhatRuns holds the SQL of the four migrations that CockroachDB 25.1 and newer refuses in
// upstream's words (docs/ory-quirks.md#q28). No CockroachDB has seen it.
func TestTheOverlayIsWhatRuns(t *testing.T) {
	const cockroach = "cockroach://me@localhost:26257/hydra"
	got := changed(t, cockroach)
	golden.JSON(t, *update, "overlay.json", got)
	t.Run("it covers every primary key that upstream drops alone", func(t *testing.T) {
		m := on(t, cockroach, nil)
		var want []string
		for _, s := range m.Steps() {
			text, err := m.SQL(s)
			if err != nil {
				t.Fatal(err)
			}
			if dropsPrimary.MatchString(text) {
				want = append(want, s.Version+"_"+s.Name)
			}
		}
		if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, want) || len(want) != 4 {
			t.Errorf("got %v, want %v", have, want)
		}
	})
	t.Run("each is one statement", func(t *testing.T) {
		for name, lines := range got {
			if n := strings.Count(strings.Join(lines, "\n"), ";"); n != 1 {
				t.Errorf("%s: got %d statements, want 1", name, n)
			}
		}
	})
	t.Run("no file of it hangs in the air", func(t *testing.T) {
		err := fs.WalkDir(overlay, ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = fs.Stat(hsql.Migrations, p)
			}
			return err
		})
		if err != nil {
			t.Errorf("upstream has no such file any longer: %v", err)
		}
	})
	t.Run("other databases run upstream's text", func(t *testing.T) {
		for _, url := range []string{"postgres://me@localhost/hydra", "sqlite3:///tmp/nothing.sqlite?_fk=true"} {
			if got := changed(t, url); len(got) != 0 {
				t.Errorf("%s: got %v, want nothing", url, got)
			}
		}
	})
}
