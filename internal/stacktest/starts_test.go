package stacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx, beside the seam

	"example.com/identityd/internal/pgtest"
)

// TestStartsAtOnce starts six processes' worth of stacks on two databases that do not exist yet, and
// where there is time eight of them, twenty times.
func TestStartsAtOnce(t *testing.T) {
	notOnStandIn(t, migrates)
	starts, rounds := 6, 1
	if os.Getenv("IDENTITYD_TEST_LONG") == "1" {
		starts, rounds = 8, 20
	}
	for round := range rounds {
		t.Run("round "+strconv.Itoa(round+1), func(t *testing.T) {
			began := time.Now()
			if problem := startAtOnce(t, starts); problem != "" {
				t.Error(problem)
			}
			t.Logf("%d starts took %s", starts, time.Since(began).Round(100*time.Millisecond))
		})
	}
}

// TestStartsAtOnceWithoutLeases shows that the test above would notice: processes that start at once
// crash each other's migrations, or split into several tenants (docs/ory-quirks.md#q31).
func TestStartsAtOnceWithoutLeases(t *testing.T) {
	notOnStandIn(t, migrates)
	problem := startAtOnce(t, 6, WithoutLeases())
	if problem == "" {
		t.Error("got no problem, want the one that leases are for")
	}
	t.Logf("without leases: %.300s", problem)
}

// startAtOnce starts n stacks on databases that do not exist and returns what is wrong with the outcome.
func startAtOnce(t *testing.T, n int, more ...Option) string {
	t.Helper()
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	data := t.TempDir()
	stacks := make([]*Stack, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range stacks {
		wg.Go(func() {
			stacks[i] = Begin(t, append([]Option{
				Set("data_dir", data), Set("database.url", server.URL()),
				Set("database.hydra.name", hydra), Set("database.kratos.name", kratos),
				Set("database.pool.max_open", "6"), Set("database.pool.max_idle", "2"),
			}, more...)...)
			errs[i] = stacks[i].awaitReady(t.Context())
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err.Error()
	}
	defer func() {
		for _, s := range stacks {
			if err := s.Stop(); err != nil {
				t.Errorf("stopping: %v", err)
			}
		}
	}()
	for _, engine := range []string{"hydra", "kratos"} {
		var made, migrated int
		for _, s := range stacks {
			made += strings.Count(s.Log.String(), madeLine(engine))
			migrated += strings.Count(s.Log.String(), migratedLine(engine))
		}
		if made != 1 || migrated != 0 {
			return fmt.Sprintf("%s: made by %d, migrated by %d, want 1 and 0", engine, made, migrated)
		}
	}
	for _, name := range []string{hydra, kratos} {
		var tenants int
		err := open(t, server.DatabaseURL(name)).QueryRowContext(t.Context(), "SELECT count(*) FROM networks").Scan(&tenants)
		if err != nil || tenants != 1 {
			return fmt.Sprintf("%s: got %d tenants, %v, want 1", name, tenants, err)
		}
	}
	want := keyIDs(t, stacks[0])
	if want == "" {
		return "there is no key"
	}
	for _, s := range stacks[1:] {
		if got := keyIDs(t, s); got != want {
			return fmt.Sprintf("got keys %s, want %s", got, want)
		}
	}
	return ""
}

func keyIDs(t testing.TB, s *Stack) string {
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
