package stacktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/cli"
	"example.com/identityd/internal/pgtest"
)

// commandJSON runs identityd beside a stack, and returns what it prints as JSON and to stderr.
func commandJSON(t *testing.T, folder string, code int, args ...string) (out map[string]any, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(args, "--json", "--set", "data_dir="+folder)
	if got := cli.Main(args, &stdout, &stderr); got != code {
		t.Fatalf("identityd %s: got exit code %d, want %d: %s%s", strings.Join(args, " "), got, code, &stdout, &stderr)
	}
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
			t.Fatalf("%v in %s", err, &stdout)
		}
	}
	return out, stderr.String()
}

// proof is how a client proves itself.
type proof struct{ id, method, secret string }

// to posts a form to an endpoint of a replica, with the proof.
func (p proof) to(t *testing.T, address string, form url.Values) (g grant) {
	t.Helper()
	if p.method == "client_secret_post" {
		form.Set("client_id", p.id)
		form.Set("client_secret", p.secret)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.method == "client_secret_basic" {
		req.SetBasicAuth(p.id, p.secret)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	_ = json.Unmarshal(b.Bytes(), &g) // a revocation says nothing
	g.Status = res.StatusCode
	return g
}

// TestANewSecretWithoutAnOutage rotates the secrets of clients at one replica, and asks at both.
func TestANewSecretWithoutAnOutage(t *testing.T) {
	folder := t.TempDir()
	d := newDatabases(t, pgtest.Shared(t))
	a := d.start(t, Set("data_dir", folder), Set("throttle.enabled", "false"))
	b := d.start(t, Set("data_dir", folder), Set("throttle.enabled", "false"))
	defer http.DefaultClient.CloseIdleConnections()
	replicas := map[string]*Stack{"the first": a, "the second": b}
	own := openDB(t, "pgx", d.server.DatabaseURL(d.kratos))

	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		id := strings.ReplaceAll(method, "_", "-")
		made, _ := commandJSON(t, folder, 0, "client", "create", "--id", id, "--grant-type", "client_credentials", "--token-endpoint-auth-method", method)
		old := proof{id, method, made["client_secret"].(string)}
		// want asks at both replicas for a token, and whether it may be revoked.
		want := func(t *testing.T, p proof, status int) {
			t.Helper()
			for name, s := range replicas {
				g := p.to(t, s.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}})
				if g.Status != status {
					t.Errorf("a token at %s replica: got %d %s, want %d", name, g.Status, g.Error, status)
				}
				if got := p.to(t, s.URLs.Hydra+"/oauth2/revoke", url.Values{"token": {g.Access}}); got.Status != status {
					t.Errorf("a revocation at %s replica: got %d %s, want %d", name, got.Status, got.Error, status)
				} else if status == http.StatusOK && active(t, s, g.Access) {
					t.Errorf("at %s replica the token is good after its revocation", name)
				}
			}
		}
		rotate := func(t *testing.T, args ...string) proof {
			t.Helper()
			out, _ := commandJSON(t, folder, 0, append([]string{"client", "rotate-secret", id}, args...)...)
			return proof{id, method, out["client_secret"].(string)}
		}
		t.Run("by "+method+" both secrets are honored everywhere, a wrong one nowhere", func(t *testing.T) {
			want(t, old, http.StatusOK)
			fresh := rotate(t, "--grace", "2h")
			for range 2 { // what is remembered of secrets changes nothing
				want(t, old, http.StatusOK)
				want(t, fresh, http.StatusOK)
				want(t, proof{id, method, "wrong" + old.secret}, http.StatusUnauthorized)
			}
			got, _ := commandJSON(t, folder, 0, "client", "get", id)
			shown, _ := got["previous_secret"].(map[string]any)
			until, err := time.Parse(time.RFC3339, shown["until"].(string))
			if left := time.Until(until); err != nil || left < time.Hour || left > 2*time.Hour {
				t.Errorf("client get shows %v, want about two hours", shown)
			}
			if len(shown) != 2 {
				t.Errorf("client get shows %v, want two instants and no hash", shown)
			}
		})
		t.Run("by "+method+" a grace is ended early, everywhere at once", func(t *testing.T) {
			if _, said := commandJSON(t, folder, 1, "client", "rotate-secret", id); !strings.Contains(said, "--end-grace") {
				t.Errorf("a second rotation within a grace says %q, want its cure", said)
			}
			if out, _ := commandJSON(t, folder, 0, "client", "rotate-secret", id, "--end-grace"); out["ended"] != true {
				t.Errorf("got %v", out)
			}
			want(t, old, http.StatusUnauthorized)
			if out, _ := commandJSON(t, folder, 0, "client", "rotate-secret", id, "--end-grace"); out["ended"] != false {
				t.Errorf("a second end: got %v, want nothing ended", out)
			}
			old = rotate(t)
			want(t, old, http.StatusOK)
		})
		t.Run("by "+method+" a grace that is over is over everywhere", func(t *testing.T) {
			first := old
			old = rotate2(t, folder, id, method)
			want(t, first, http.StatusOK)
			if _, err := own.ExecContext(t.Context(), "UPDATE identityd_client_secret SET until_ms = $1 WHERE client_id = $2", time.Now().Add(-time.Second).UnixMilli(), id); err != nil {
				t.Fatal(err)
			}
			want(t, first, http.StatusUnauthorized)
			want(t, old, http.StatusOK)
			if got, _ := commandJSON(t, folder, 0, "client", "get", id); got["previous_secret"] != nil {
				t.Errorf("client get shows %v", got["previous_secret"])
			}
		})
		t.Run("by "+method+" a secret that leaked ends the one of before too", func(t *testing.T) {
			fresh := rotate(t)
			_, shown := leak(t, folder, "client-secret", id, "--yes")
			want(t, old, http.StatusUnauthorized)
			want(t, fresh, http.StatusUnauthorized)
			want(t, proof{id, method, shown["client_secret"].(string)}, http.StatusOK)
		})
	}
	t.Run("a client that is deleted and made anew has one secret", func(t *testing.T) {
		made, _ := commandJSON(t, folder, 0, "client", "create", "--id", "again", "--grant-type", "client_credentials")
		old := proof{"again", "client_secret_basic", made["client_secret"].(string)}
		commandJSON(t, folder, 0, "client", "rotate-secret", "again")
		commandJSON(t, folder, 0, "client", "delete", "again", "--yes")
		commandJSON(t, folder, 0, "client", "create", "--id", "again", "--grant-type", "client_credentials")
		if g := old.to(t, b.URLs.Hydra+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}}); g.Status != http.StatusUnauthorized {
			t.Errorf("got %d, want 401", g.Status)
		}
	})
	t.Run("a client without a secret has none to replace", func(t *testing.T) {
		commandJSON(t, folder, 0, "client", "create", "--id", "public", "--redirect-uri", "https://app.example.com/", "--token-endpoint-auth-method", "none")
		if _, said := commandJSON(t, folder, 1, "client", "rotate-secret", "public"); !strings.Contains(said, "authenticates by none") {
			t.Errorf("got %q", said)
		}
	})
	t.Run("client explain says what the endpoints do", func(t *testing.T) { explained(t, a) })
	t.Run("it is on the audit trail, without a secret", func(t *testing.T) {
		var n, secrets int
		err := own.QueryRowContext(t.Context(), `SELECT count(*), count(*) FILTER (WHERE details LIKE '%secret_hash%' OR details LIKE '%client_secret"%')
			FROM identityd_audit WHERE kind = 'AdminChange' AND client_id = 'client-secret-basic' AND details LIKE '%/secret%'`).Scan(&n, &secrets)
		if err != nil || n == 0 || secrets > 0 {
			t.Errorf("got %d records, %d with a secret, %v", n, secrets, err)
		}
	})
}

// rotate2 ends a grace and begins another.
func rotate2(t *testing.T, folder, id, method string) proof {
	t.Helper()
	commandJSON(t, folder, 0, "client", "rotate-secret", id, "--end-grace")
	out, _ := commandJSON(t, folder, 0, "client", "rotate-secret", id)
	return proof{id, method, out["client_secret"].(string)}
}
