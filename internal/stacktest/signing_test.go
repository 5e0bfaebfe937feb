package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
)

// publicKey is what matters of a key in the set.
type publicKey struct{ ID, Kind, Alg, N, X string }

// readPublic reads a public document, with its tag; 304 has no body.
func readPublic(t *testing.T, s *Stack, path, tag string, into any) (status int, etag string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Hydra+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		req.Header.Set("If-None-Match", tag)
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
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode, res.Header.Get("ETag")
}

func publicKeys(t *testing.T, s *Stack) map[string]publicKey {
	t.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Alg, N, X string }
	}
	readPublic(t, s, "/.well-known/jwks.json", "", &set)
	out := map[string]publicKey{}
	for _, k := range set.Keys {
		out[k.Kid] = publicKey{ID: k.Kid, Kind: k.Kty, Alg: k.Alg, N: k.N, X: k.X}
	}
	return out
}

// signed returns the key that a token says it was signed with.
func signed(t *testing.T, s *Stack, token string) publicKey {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var head struct{ Alg, Kid string }
	if err := json.Unmarshal(raw, &head); err != nil {
		t.Fatal(err)
	}
	key, ok := publicKeys(t, s)[head.Kid]
	if !ok || key.Alg != head.Alg {
		t.Fatalf("got a token for %s by %s, want a key of the set: %+v", head.Alg, head.Kid, publicKeys(t, s))
	}
	return key
}

// sendJSON is a request with a JSON body, whatever comes of it.
func sendJSON(t *testing.T, method, target, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// TestSigningKeysOfReplicas runs processes with different files on one database: what one signs the others
// verify, and a key that is gone is gone for all at once.
func TestSigningKeysOfReplicas(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	first := d.start(t, Set("tokens.format", "jwt"), withVault(t))
	browser := atHome(t, first, "ada@example.com")
	old := tokensOf(t, first, browser, "vault")
	oldKey, oldID := signed(t, first, old.Access), signed(t, first, old.ID)
	if n, err := base64.RawURLEncoding.DecodeString(oldKey.N); err != nil || len(n)*8 != 2048 || oldKey.Alg != "RS256" {
		t.Errorf("got %s of %d bits, want a key for RS256 of 2048", oldKey.Alg, len(n)*8)
	}

	second := d.start(t, Set("tokens.format", "jwt"), withVault(t), Set("tokens.signing.access", "ES256"), Set("tokens.signing.id", "ES256"))
	third := d.start(t, Set("tokens.format", "jwt"), withVault(t), Set("tokens.signing.access", "RS256"), Set("tokens.signing.id", "RS256"))
	keys := publicKeys(t, first)
	if len(keys) != 4 {
		t.Errorf("got %d keys, want one for RS256 and one for ES256 in both sets: %+v", len(keys), keys)
	}
	for _, s := range []*Stack{second, third} {
		if diff := cmp.Diff(keys, publicKeys(t, s)); diff != "" {
			t.Errorf("two replicas show different keys (-first +other):\n%s", diff)
		}
	}
	now := refresh(t, second, old.Refresh)
	if a, id := signed(t, second, now.Access), signed(t, second, now.ID); a.Alg != "ES256" || id.Alg != "ES256" || a.ID == id.ID {
		t.Errorf("got %+v and %+v, want keys for ES256 of two sets", a, id)
	}
	later := refresh(t, third, now.Refresh)
	if a, id := signed(t, third, later.Access), signed(t, third, later.ID); a != oldKey || id != oldID {
		t.Errorf("got %+v and %+v, want the keys for RS256 that there were", a, id)
	}
	last := refresh(t, first, later.Refresh)
	if a := signed(t, first, last.Access); a.Alg != "ES256" {
		t.Errorf("got %s where the file says nothing, want that of the newest key", a.Alg)
	}
	for name, s := range map[string]*Stack{"first": first, "second": second, "third": third} {
		// The access tokens before the last were revoked by the refreshes.
		if !introspects(t, s, last.Access) || alive(t, s, last.Access) != http.StatusOK {
			t.Errorf("the %s replica does not take a token for ES256", name)
		}
	}

	kept := refresh(t, third, last.Refresh)
	if !introspects(t, second, kept.Access) {
		t.Error("a token for RS256 does not pass where ES256 is signed")
	}
	browser.Open(first.URLs.Hydra + "/oauth2/auth?" + authorization("vault") + "&prompt=none&id_token_hint=" + url.QueryEscape(old.ID))
	// Consent was not remembered; a hint that cannot be verified is an invalid request.
	if got := browser.URL.Query().Get("error"); got != "consent_required" {
		t.Errorf("got %q with an older ID token as a hint, want consent_required", got)
	}

	type algs struct {
		ID       []string `json:"id_token_signing_alg_values_supported"`
		Userinfo []string `json:"userinfo_signing_alg_values_supported"`
	}
	for _, tt := range []struct {
		s    *Stack
		want []string
	}{{first, []string{"ES256", "RS256"}}, {second, []string{"ES256", "RS256"}}, {third, []string{"RS256", "ES256"}}} {
		var got algs
		readPublic(t, tt.s, "/.well-known/openid-configuration", "", &got)
		if diff := cmp.Diff(algs{tt.want, []string{"none", "RS256"}}, got); diff != "" {
			t.Errorf("discovery (-want +got):\n%s", diff)
		}
	}

	var set any
	_, tag := readPublic(t, second, "/.well-known/jwks.json", "", &set)
	if status, _ := readPublic(t, second, "/.well-known/jwks.json", tag, &set); status != http.StatusNotModified {
		t.Errorf("got %d for keys that are the same, want 304", status)
	}
	for set, key := range map[string]publicKey{"hydra.jwt.access-token": oldKey, "hydra.openid.id-token": oldID} {
		if status, body := sendJSON(t, http.MethodDelete, first.URLs.HydraAdmin+"/admin/keys/"+set+"/"+key.ID, ""); status != http.StatusNoContent {
			t.Fatalf("deleting a key: got %d %s", status, body)
		}
	}
	if active, status := introspects(t, second, kept.Access), alive(t, second, kept.Access); active || status < 400 || status > 403 {
		t.Errorf("another replica takes a token whose key was deleted: introspection %v, userinfo %d", active, status)
	}
	if status, _ := readPublic(t, second, "/.well-known/jwks.json", tag, &set); status != http.StatusOK || len(publicKeys(t, second)) != 2 {
		t.Errorf("got %d and %v at another replica, want the two keys that are left", status, publicKeys(t, second))
	}
	var got algs
	readPublic(t, second, "/.well-known/openid-configuration", "", &got)
	if diff := cmp.Diff(algs{[]string{"ES256"}, []string{"none"}}, got); diff != "" {
		t.Errorf("discovery without the old keys (-want +got):\n%s", diff)
	}
	wishes(t, second)
}

// wishes registers clients that want what a process that signs with ES256 has not.
func wishes(t *testing.T, s *Stack) {
	t.Helper()
	clients := s.URLs.HydraAdmin + "/admin/clients"
	body := func(id, alg string) string {
		return fmt.Sprintf(`{"client_id":%q,"id_token_signed_response_alg":%q}`, id, alg)
	}
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		word                     string
	}{
		{"a client for ES256", http.MethodPost, "", body("es", "ES256"), http.StatusCreated, ""},
		{"a client for RS256", http.MethodPost, "", body("rs", "RS256"), http.StatusBadRequest, "id_token_signed_response_alg must be ES256"},
		{"a client that changes its mind", http.MethodPut, "/es", body("es", "none"), http.StatusBadRequest, "id_token_signed_response_alg"},
		{"a patch", http.MethodPatch, "/es", `[{"op":"add","path":"/id_token_signed_response_alg","value":"PS256"}]`, http.StatusBadRequest, "PS256"},
		{"another patch", http.MethodPatch, "/es", `[{"op":"replace","path":"/client_name","value":"es"}]`, http.StatusOK, ""},
		{"signed userinfo", http.MethodPost, "", `{"client_id":"ui","userinfo_signed_response_alg":"RS256"}`, http.StatusBadRequest, "no key for RS256"},
	} {
		if status, got := sendJSON(t, tt.method, clients+tt.path, tt.body); status != tt.status || !strings.Contains(got, tt.word) {
			t.Errorf("%s: got %d %s, want %d with %q", tt.name, status, got, tt.status, tt.word)
		}
	}
}

// TestUpstreamKnowsOneKey shows that the test above would notice (docs/ory-quirks.md#q120), and that our
// documents say what upstream's do.
func TestUpstreamKnowsOneKey(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	ours := d.start(t, Set("tokens.format", "jwt"), withVault(t))
	theirs := d.start(t, Set("tokens.format", "jwt"), withVault(t), Without("keys of ours"))
	if diff := cmp.Diff(publicKeys(t, theirs), publicKeys(t, ours)); diff != "" {
		t.Errorf("the key sets differ (-upstream +ours):\n%s", diff)
	}
	var want, got map[string]any
	readPublic(t, theirs, "/.well-known/openid-configuration", "", &want)
	readPublic(t, ours, "/.well-known/openid-configuration", "", &got)
	want["code_challenge_methods_supported"] = []any{"S256"}     // upstream names one it refuses (docs/ory-quirks.md#q187)
	if grants, ok := want["grant_types_supported"].([]any); ok { // and serves one that it does not name (docs/ory-quirks.md#q235)
		want["grant_types_supported"] = append(grants, "urn:ietf:params:oauth:grant-type:jwt-bearer")
	}
	want["authorization_response_iss_parameter_supported"] = true // and names no issuer in responses (docs/ory-quirks.md#q236)
	want["token_endpoint_auth_signing_alg_values_supported"] = []any{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
	for _, m := range []map[string]any{want, got} {
		for word, value := range m {
			if text, ok := value.(string); ok {
				m[word] = strings.NewReplacer(theirs.URLs.Hydra, "", ours.URLs.Hydra, "").Replace(text)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the discovery documents differ (-upstream +ours):\n%s", diff)
	}
	old := tokensOf(t, theirs, atHome(t, theirs, "ada@example.com"), "vault")
	if status, body := sendJSON(t, http.MethodPost, ours.URLs.HydraAdmin+"/admin/keys/hydra.jwt.access-token", `{"alg":"ES256","use":"sig","kid":"next"}`); status != http.StatusCreated {
		t.Fatalf("making a key: got %d %s", status, body)
	}
	if introspects(t, theirs, old.Access) || !introspects(t, ours, old.Access) {
		t.Error("want a rotation to end the tokens before it at upstream, and only there")
	}
	if got := publicKeys(t, ours)["next"].Alg; got != "ES256" {
		t.Errorf("got %q for the key that was made, want ES256", got)
	}
}
