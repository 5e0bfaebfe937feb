package stacktest

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// What a log has where an empty database was made at once, and where migrations ran.
func madeLine(engine string) string {
	return `"msg":"database made from the baseline","engine":"` + engine + `"`
}

func migratedLine(engine string) string { return `"msg":"database migrated","engine":"` + engine + `"` }

// TestFirstStarts signs people up and in on databases that were filled in one way or the other.
func TestFirstStarts(t *testing.T) {
	notOnStandIn(t, migrates)
	lite := func(t *testing.T) store.Settings {
		return store.Settings{URL: "sqlite://" + filepath.Join(t.TempDir(), "data")}
	}
	server := func(t *testing.T) store.Settings {
		s := store.Settings{URL: pgtest.Shared(t).URL()}
		s.Hydra.Name, s.Kratos.Name = pgtest.Shared(t).Databases(t)
		return s
	}
	for _, c := range []struct {
		name     string
		settings func(t *testing.T) store.Settings
		schema   string
		before   map[string]string
		made     map[string]bool
	}{
		{
			"on SQLite, a file with tables of somebody else is migrated", lite, "public",
			map[string]string{"kratos": "CREATE TABLE invoice (id INTEGER)"},
			map[string]bool{"hydra": true},
		},
		{
			"on PostgreSQL, only what is where the search_path leads counts", server, "identity",
			map[string]string{"hydra": "CREATE TABLE invoice (id INTEGER)", "kratos": "CREATE TABLE public.invoice (id INTEGER)"},
			map[string]bool{"kratos": true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := c.settings(t)
			if c.schema != "public" {
				settings.URL = withParameter(t, settings.URL, "search_path", c.schema)
			}
			opts := []Option{Set("data_dir", t.TempDir()), Set("database.url", settings.URL)}
			if settings.Hydra.Name != "" {
				opts = append(opts, Set("database.hydra.name", settings.Hydra.Name), Set("database.kratos.name", settings.Kratos.Name))
			}
			for engine, db := range prepare(t, settings, c.schema) {
				if statement := c.before[engine]; statement != "" {
					if _, err := db.db.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := Start(t, opts...)
			for _, engine := range []string{"hydra", "kratos"} {
				made, migrated := strings.Count(s.Log.String(), madeLine(engine)), strings.Count(s.Log.String(), migratedLine(engine))
				if (made == 1) != c.made[engine] || (migrated == 1) == c.made[engine] || made+migrated != 1 {
					t.Errorf("%s: made %d times, migrated %d times, want made: %t", engine, made, migrated, c.made[engine])
				}
			}
			s.Journey(t, client, 1)
		})
	}
}
