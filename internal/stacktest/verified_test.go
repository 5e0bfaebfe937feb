package stacktest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

// askAs asks for a token as a machine does and returns the answer.
func askAs(t *testing.T, s *Stack, id, secret string) try {
	t.Helper()
	return postTry(t, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret},
	}.Encode())
}

func machineWith(id, secret string) string {
	return fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post"}`, id, secret)
}

// secretsTried are how many secrets a stack knew, and how many it hashed.
func secretsTried(t *testing.T, s *Stack) [2]int {
	t.Helper()
	return [2]int{counter(t, s, `identityd_client_secrets_total{outcome="hit"}`), counter(t, s, `identityd_client_secrets_total{outcome="miss"}`)}
}

// TestRememberedSecretsAreNeverOld has one process remember a secret and another change it.
func TestRememberedSecretsAreNeverOld(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	everything := Set("audit.tokens", "all")
	a, b := d.start(t, everything), d.start(t, everything)
	const first, second = "first-secret-first-secret", "second-secret-second-secret"
	clients := b.URLs.HydraAdmin + "/admin/clients"
	var made struct{}
	call(t, http.MethodPost, clients, "application/json", machineWith("m", first), nil, &made)

	hashes := hashed(t, a, "hydra")
	var got []int
	step := func(secret string) { got = append(got, askAs(t, a, "m", secret).status) }
	for range 5 {
		step(first)
	}
	step(second)
	step(first)
	call(t, http.MethodPut, clients+"/m", "application/json", machineWith("m", second), nil, &made)
	step(first)
	step(second)
	step(second)
	// The old one again, which this process has seen match in the meantime.
	call(t, http.MethodPut, clients+"/m", "application/json", machineWith("m", first), nil, &made)
	step(second)
	step(first)
	if got := status(t, http.MethodDelete, clients+"/m"); got != http.StatusNoContent {
		t.Fatalf("deleting the client: got %d", got)
	}
	step(first)
	want := []int{200, 200, 200, 200, 200, 401, 200, 401, 200, 200, 401, 200, 401}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	// Hashed: once for each of three hashes that matched, and for each wrong one; nobody hashes for a client that is gone.
	if diff := cmp.Diff([2]int{6, 6}, secretsTried(t, a)); diff != "" {
		t.Errorf("known and hashed (-want +got):\n%s", diff)
	}
	if got := hashed(t, a, "hydra") - hashes; got != 6 {
		t.Errorf("got %d hashes under the ceiling, want 6", got)
	}
	tried.Report(t, "a secret of a client changed and changed back at another process, then the client deleted, while a process remembers its matches",
		"answers %v; %v secrets known and hashed", got, secretsTried(t, a))

	t.Run("the trail has each attempt", func(t *testing.T) {
		db := openDB(t, "pgx", d.server.DatabaseURL(d.kratos))
		if err := a.Stop(); err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"OAuth2AccessTokenIssued": 9, "OAuth2TokenExchangeError": 4}
		got := map[string]int{}
		err := audit.NewReader(db, nil).Each(t.Context(), audit.Filter{}, func(r audit.Read) error {
			if _, asked := want[r.Kind]; asked {
				got[r.Kind] += max(1, countOf(r)) // one record for several that were alike
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func countOf(r audit.Read) int {
	n, _ := strconv.Atoi(r.Detail("count")) // most have none
	return n
}

// TestRememberedSecretsAreThrottled guesses at a client whose secret the process knows.
func TestRememberedSecretsAreThrottled(t *testing.T) {
	guess := func(t *testing.T, s *Stack) (tries []int) {
		t.Helper()
		const right = "machine-secret-machine-secret"
		for range 3 {
			tries = append(tries, askAs(t, s, "machine", right).status)
		}
		for range 6 {
			tries = append(tries, askAs(t, s, "machine", "wrong").status)
		}
		return append(tries, askAs(t, s, "machine", right).status)
	}
	clients := withFiles(t, map[string]string{"clients": machineFile})
	wait := Set("throttle.first_wait", "60s")
	with := Start(t, orStandIn(t), clients, wait)
	got := guess(t, with)
	if got[8] != http.StatusTooManyRequests || got[9] != http.StatusTooManyRequests {
		t.Errorf("got %v, want the last guess and the right one after it refused", got)
	}
	known := secretsTried(t, with)
	t.Run("as they are without the memory", func(t *testing.T) {
		without := Start(t, orStandIn(t), clients, wait, Without("memory of secrets"))
		if diff := cmp.Diff(guess(t, without), got); diff != "" {
			t.Errorf("(-without +with):\n%s", diff)
		}
		saved := hashed(t, without, "hydra") - hashed(t, with, "hydra")
		if saved != known[0] || saved == 0 {
			t.Errorf("got %d hashes fewer, want %d", saved, known[0])
		}
	})
}
