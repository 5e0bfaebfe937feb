package stacktest

import (
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx, beside the seam

	"example.com/identityd/internal/pgtest"
)

// TestStartsAtOnce starts six processes' worth of stacks on two databases that do not exist yet.
// Without a lease they crash each other's migrations and split into several tenants
// (docs/ory-quirks.md#q31).
func TestStartsAtOnce(t *testing.T) {
	notOnStandIn(t, migrates)
	const starts = 6
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	data := t.TempDir()
	stacks := make([]*Stack, starts)
	var wg sync.WaitGroup
	for i := range stacks {
		wg.Go(func() {
			stacks[i] = Start(t, Set("data_dir", data), Set("database.url", server.URL()),
				Set("database.hydra.name", hydra), Set("database.kratos.name", kratos),
				Set("database.pool.max_open", "6"), Set("database.pool.max_idle", "2"))
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	t.Run("each database was made by one, and migrated by none", func(t *testing.T) {
		for _, engine := range []string{"hydra", "kratos"} {
			var made, migrated int
			for _, s := range stacks {
				made += strings.Count(s.Log.String(), madeLine(engine))
				migrated += strings.Count(s.Log.String(), migratedLine(engine))
			}
			if made != 1 || migrated != 0 {
				t.Errorf("%s: made by %d, migrated by %d, want 1 and 0", engine, made, migrated)
			}
		}
	})
	t.Run("there is one tenant", func(t *testing.T) {
		for _, name := range []string{hydra, kratos} {
			db, err := sql.Open("pgx", server.DatabaseURL(name))
			if err != nil {
				t.Fatal(err)
			}
			var tenants int
			err = db.QueryRowContext(t.Context(), "SELECT count(*) FROM networks").Scan(&tenants)
			if closing := db.Close(); closing != nil {
				t.Error(closing)
			}
			if err != nil || tenants != 1 {
				t.Errorf("%s: got %d tenants, %v, want 1", name, tenants, err)
			}
		}
	})
	t.Run("all sign with the same keys", func(t *testing.T) {
		want := keyIDs(t, stacks[0])
		if len(want) == 0 {
			t.Fatal("there is no key")
		}
		for _, s := range stacks[1:] {
			if got := keyIDs(t, s); got != want {
				t.Errorf("got keys %s, want %s", got, want)
			}
		}
	})
}

func keyIDs(t *testing.T, s *Stack) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Hydra+"/.well-known/jwks.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		}
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, k := range set.Keys {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids) // in the order of their making, which two may share
	return strings.Join(ids, " ")
}
