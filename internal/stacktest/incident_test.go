package stacktest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/cli"
	"example.com/identityd/internal/incident"
)

// leak runs `identityd incident` beside the stack and returns what it says.
func leak(t *testing.T, folder string, args ...string) (r incident.Result, made map[string]any) {
	t.Helper()
	var out, problems bytes.Buffer
	args = append(append([]string{"incident"}, args...), "--json", "--set", "data_dir="+folder)
	if code := cli.Main(args, &out, &problems); code != 0 {
		t.Fatalf("identityd %s: got exit code %d: %s", strings.Join(args, " "), code, &problems)
	}
	var said struct {
		incident.Result

		Made map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	return said.Result, said.Made
}

// keyOf is the id of the key that signed a token.
func keyOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(raw, &header); err != nil || header.Kid == "" {
		t.Fatalf("got %s, %v, want the head of a signed token", raw, err)
	}
	return header.Kid
}

// idsOfKeys are the ids of those by which applications verify.
func idsOfKeys(t *testing.T, s *Stack) (out []string) {
	t.Helper()
	var set struct{ Keys []struct{ Kid string } }
	get(t, s.URLs.Hydra+"/.well-known/jwks.json", &set)
	for _, k := range set.Keys {
		out = append(out, k.Kid)
	}
	return out
}

// TestAfterALeak does what identityd incident does, in a running stack.
func TestAfterALeak(t *testing.T) {
	folder := t.TempDir()
	s := Start(t, orStandIn(t), Set("data_dir", folder), Set("tokens.format", "jwt"), withVault(t))
	ada(t, s)
	defer http.DefaultClient.CloseIdleConnections()

	t.Run("a plan changes nothing", func(t *testing.T) {
		before := idsOfKeys(t, s)
		plan, _ := leak(t, folder, "signing-key")
		if !plan.DryRun || len(plan.Steps) != 2 || plan.Steps[0].State != incident.Planned || len(plan.Facts) != 2 {
			t.Errorf("got %+v", plan)
		}
		if got := idsOfKeys(t, s); !slices.Equal(got, before) {
			t.Errorf("got keys %v, want %v as before", got, before)
		}
	})
	t.Run("a signing key that leaked verifies nothing, and sign-ins go on without a restart", func(t *testing.T) {
		old := redeemCode(t, s, vaultCode(t, s))
		if got := alive(t, s, old.Access); got != http.StatusOK {
			t.Fatalf("userinfo: got %d before, want 200", got)
		}
		done, _ := leak(t, folder, "signing-key", "--yes")
		if done.DryRun || done.GoOn != "" || done.Steps[1].State != incident.Done {
			t.Errorf("got %+v", done)
		}
		keys := idsOfKeys(t, s)
		for what, token := range map[string]string{"ID token": old.ID, "access token": old.Access} {
			if kid := keyOf(t, token); slices.Contains(keys, kid) {
				t.Errorf("the key %s that signed the %s is still public", kid, what)
			}
		}
		// fosite answers a signature that is none with 400 (docs/ory-quirks.md#q154).
		if got := alive(t, s, old.Access); got != http.StatusUnauthorized && got != http.StatusBadRequest {
			t.Errorf("userinfo with a token of the old key: got %d, want it refused", got)
		}
		renewed := refresh(t, s, old.Refresh)
		if renewed.Status != http.StatusOK || alive(t, s, renewed.Access) != http.StatusOK {
			t.Errorf("the refresh token gives no good token: %d %s", renewed.Status, renewed.Error)
		}
		fresh := redeemCode(t, s, vaultCode(t, s))
		if !slices.Contains(keys, keyOf(t, fresh.ID)) || alive(t, s, fresh.Access) != http.StatusOK {
			t.Error("a new sign-in gets no token that verifies")
		}
	})
	t.Run("a client's secret that leaked proves nothing, and its tokens are ended", func(t *testing.T) {
		post(t, s.URLs.HydraAdmin+"/admin/clients", map[string]any{
			"client_id": "jobs", "client_secret": "a-secret-that-leaked", "grant_types": []string{"client_credentials"},
		})
		ask := func(secret string) grant {
			t.Helper()
			return asJobs(t, s, secret)
		}
		old := ask("a-secret-that-leaked")
		_, made := leak(t, folder, "client-secret", "jobs", "--yes")
		secret, _ := made["client_secret"].(string)
		if got := ask("a-secret-that-leaked"); got.Error != "invalid_client" {
			t.Errorf("the old secret: got %d %s, want invalid_client", got.Status, got.Error)
		}
		if got := ask(secret); got.Access == "" {
			t.Errorf("the new secret %q: got %d %s, want a token", secret, got.Status, got.Error)
		}
		if active(t, s, old.Access) {
			t.Error("a token of before is still good")
		}
	})
	t.Run("the secret of a client of the file is replaced there", func(t *testing.T) {
		plan, _ := leak(t, folder, "client-secret", "vault")
		if plan.Steps[0].State != incident.Yours || !strings.Contains(plan.Steps[0].Does, "stack.yaml") {
			t.Errorf("got %+v", plan.Steps)
		}
	})
	t.Run("a copy of the databases opens nothing any more", func(t *testing.T) { copyOfTheDatabases(t, s, folder) })
}

func asJobs(t *testing.T, s *Stack, secret string) (g grant) {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("jobs", secret)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	decodeJSON(t, res.Body, &g)
	g.Status = res.StatusCode
	return g
}

// active asks whether a token is good.
func active(t *testing.T, s *Stack, token string) bool {
	t.Helper()
	res, err := http.PostForm(s.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {token}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got struct{ Active bool }
	decodeJSON(t, res.Body, &got)
	return got.Active
}

func copyOfTheDatabases(t *testing.T, s *Stack, folder string) {
	notOnStandIn(t, itsFile)
	home := atHome(t, s, "grace@example.com")
	id := s.Whoami(t, home).Identity.ID
	copied := filepath.Join(folder, "kratos.sqlite")
	if _, err := os.Stat(copied); err != nil {
		t.Fatal(err)
	}
	db := openDB(t, "sqlite3", "file:"+copied+"?_busy_timeout=30000&_fk=true")
	// What a copy has of grace: the token of her session, and a secret of an authenticator app.
	var token string
	if err := db.QueryRowContext(t.Context(), "SELECT token FROM sessions WHERE identity_id = $1", id).Scan(&token); err != nil {
		t.Fatal(err)
	}
	withToken := func() int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Session-Token", token)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := withToken(); got != http.StatusOK {
		t.Fatalf("the token of the copy: got %d, want 200 (docs/ory-quirks.md#q152)", got)
	}
	held := redeemCode(t, s, vaultCode(t, s))
	if _, err := db.ExecContext(t.Context(), `INSERT INTO identity_credentials (id, config, identity_credential_type_id, identity_id, created_at, updated_at, nid, version)
		SELECT '00000000-0000-4000-8000-000000000001', '{"totp_url":"otpauth://totp/x:y?secret=ABCDEFGH"}', t.id, i.id, i.created_at, i.updated_at, i.nid, 0
		FROM identities i, identity_credential_types t WHERE i.id = $1 AND t.name = 'totp'`, id); err != nil {
		t.Fatal(err)
	}

	plan, _ := leak(t, folder, "database-copy")
	if all := strings.Join(plan.Facts, "\n"); !strings.Contains(all, "1 authenticator app") || !strings.Contains(all, "sessions: plain") {
		t.Errorf("got %s", all)
	}
	done, _ := leak(t, folder, "database-copy", "--reset-second-factors", "--force-recovery", "--yes")
	for _, step := range done.Steps {
		if step.State != incident.Done {
			t.Errorf("%s: got %s", step.Name, step.State)
		}
	}
	if got := withToken(); got != http.StatusUnauthorized {
		t.Errorf("the token of the copy: got %d afterwards, want 401", got)
	}
	if got := refresh(t, s, held.Refresh); got.Status == http.StatusOK {
		t.Error("a refresh token of before is still good")
	}
	if strings.Contains(done.Steps[3].Result, "0 credentials") {
		t.Errorf("got %s, want the authenticator app gone", done.Steps[3].Result)
	}
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/login")
	b.signIn("grace@example.com")
	if got := b.whoami(s); got != nil || !said(b.flow(s), 4000006) {
		t.Errorf("got session %+v at %s, want that the old password is wrong", got, b.URL.Path)
	}
	b.Open(s.URLs.UI + "/recovery")
	b.Submit("main form", map[string]string{"email": "grace@example.com", "method": "code"})
	b.Submit(selfService, map[string]string{"code": recoveryCode(t, s, "grace@example.com"), "method": "code"})
	isAt(t, b, "/settings")
	if b.whoami(s) == nil {
		t.Error("who recovers the account is not signed in")
	}
}
