package stacktest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"example.com/identityd/internal/incident"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// TestReuseEndsTheFamily replays codes and refresh tokens while the database refuses the revocation
// that has to follow (docs/ory-quirks.md#q38).
func TestReuseEndsTheFamily(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	vault := withVault(t)
	s := d.start(t, vault)
	ada(t, s)
	url := d.server.URL()
	defer http.DefaultClient.CloseIdleConnections()

	replays := []struct {
		name, table string
		// family starts one and returns its access token and what replays it.
		family func(*testing.T) (access string, replay func(*testing.T) grant)
	}{
		{"a refresh token", "hydra_oauth2_refresh", func(t *testing.T) (string, func(*testing.T) grant) {
			first := redeemCode(t, s, vaultCode(t, s))
			second := refresh(t, s, first.Refresh)
			return second.Access, func(t *testing.T) grant { t.Helper(); return refresh(t, s, first.Refresh) }
		}},
		{"a code", "hydra_oauth2_access", func(t *testing.T) (string, func(*testing.T) grant) {
			code := vaultCode(t, s)
			first := redeemCode(t, s, code)
			return first.Access, func(t *testing.T) grant { t.Helper(); return redeemCode(t, s, code) }
		}},
	}
	for _, r := range replays {
		t.Run(r.name+" whose revocation meets a conflict is refused, and its family is dead", func(t *testing.T) {
			access, replay := r.family(t)
			wantAlive(t, s, access)
			defer Refuse(t, url, d.hydra, r.table, "DELETE", "40001", 1)()
			if got := replay(t); got.Status != http.StatusBadRequest || got.Error != "invalid_grant" {
				t.Errorf("got %d %s, want 400 invalid_grant", got.Status, got.Error)
			}
			if got := alive(t, s, access); got != http.StatusUnauthorized {
				t.Errorf("userinfo: got %d, want 401", got)
			}
		})
		t.Run(r.name+" whose revocation fails is answered 503, and its family dies when the database allows it", func(t *testing.T) {
			access, replay := r.family(t)
			wantAlive(t, s, access)
			end := Refuse(t, url, d.hydra, r.table, "DELETE", "53100", -1)
			if got := replay(t); got.Status != http.StatusServiceUnavailable || got.Error != "temporarily_unavailable" {
				t.Errorf("got %d %s, want 503 temporarily_unavailable", got.Status, got.Error)
			}
			if got := waiting(t, d); got != 1 {
				t.Errorf("got %d rows, want 1", got)
			}
			end()
			awaitDead(t, s, access)
		})
	}
	t.Run("what a copy opens is ended on a server too", func(t *testing.T) {
		dbs := incident.Databases{
			Hydra: openDB(t, "pgx", d.server.DatabaseURL(d.hydra)), Kratos: openDB(t, "pgx", d.server.DatabaseURL(d.kratos)), Dialect: store.Postgres,
		}
		has, err := dbs.Count(t.Context())
		if err != nil || has.Identities != 1 || has.Sessions == 0 || has.Passwords["argon2id"]+has.Passwords["bcrypt"] != 1 || has.SigningKeys == 0 || has.Clients == 0 {
			t.Fatalf("got %+v, %v", has, err)
		}
		for name, end := range map[string]struct {
			do   func(context.Context) (int64, error)
			want int64
		}{
			"sessions":       {dbs.EndSessions, has.Sessions},
			"codes":          {dbs.EndCodes, has.Codes},
			"second factors": {dbs.ResetSecondFactors, 0},
		} {
			// Sessions that have expired are active by name yet.
			if n, err := end.do(t.Context()); err != nil || n < end.want {
				t.Errorf("%s: got %d, %v, want %d", name, n, err, end.want)
			}
		}
		if left, err := dbs.Count(t.Context()); err != nil || left.Sessions != 0 || left.Codes != 0 {
			t.Errorf("got %+v, %v, want nothing left", left, err)
		}
	})
	t.Run("a process that ended leaves the revocation to the next one", func(t *testing.T) {
		access, replay := replays[0].family(t)
		end := Refuse(t, url, d.hydra, "hydra_oauth2_refresh", "DELETE", "53100", -1)
		replay(t)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		if got := waiting(t, d); got != 1 {
			t.Fatalf("got %d rows, want 1", got)
		}
		end()
		next := d.start(t, vault)
		awaitDead(t, next, access)
		deadline := time.Now().Add(30 * time.Second)
		for waiting(t, d) != 0 {
			if time.Now().After(deadline) {
				t.Fatal("the row is still there")
			}
		}
	})
	t.Run("and no password opens anything after all were taken away", func(t *testing.T) {
		dbs := incident.Databases{Kratos: openDB(t, "pgx", d.server.DatabaseURL(d.kratos)), Dialect: store.Postgres}
		for _, want := range []int64{1, 0} { // the second time there is nothing to do
			if n, err := dbs.ForceRecovery(t.Context()); err != nil || n != want {
				t.Errorf("got %d, %v, want %d", n, err, want)
			}
		}
	})
}

func wantAlive(t *testing.T, s *Stack, access string) {
	t.Helper()
	if got := alive(t, s, access); got != http.StatusOK {
		t.Fatalf("userinfo: got %d before, want 200", got)
	}
}

func awaitDead(t *testing.T, s *Stack, access string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for alive(t, s, access) != http.StatusUnauthorized {
		if time.Now().After(deadline) {
			t.Fatal("the family is still alive")
		}
	}
}

// waiting counts the revocations that are written down.
func waiting(t *testing.T, d databases) int {
	t.Helper()
	conn := Connect(t, d.server.URL(), d.kratos)
	defer conn.Close(t.Context()) //nolint:errcheck // it was only read
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM identityd_revocation").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
