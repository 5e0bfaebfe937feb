package demo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// fakeOP is a provider that does what Hydra does, as far as the demo can tell, and Hydra's admin API.
type fakeOP struct {
	*httptest.Server
	key *ecdsa.PrivateKey

	// These change what it does; nil leaves it as it is.
	changeDiscovery func(map[string]any)
	changeClaims    func(map[string]any)
	changeToken     func(map[string]any)
	userinfoSubject string
	signWith        *ecdsa.PrivateKey
	keepsRefresh    bool // no rotation
	grace           bool // spent refresh tokens are taken
	forgiving       bool // a spent refresh token ends nothing

	mu       sync.Mutex
	override map[string]func(http.ResponseWriter, *http.Request)
	clients  map[string]map[string]any
	codes    map[string]url.Values // the authorization request of each code
	refresh  map[string]bool       // false: spent
	active   map[string]bool
	issued   int
	nonce    string
	asked    map[string]int
}

func newFakeOP(t *testing.T) *fakeOP {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	op := &fakeOP{
		key: key, signWith: key, userinfoSubject: "person-1",
		override: map[string]func(http.ResponseWriter, *http.Request){},
		clients:  map[string]map[string]any{}, codes: map[string]url.Values{},
		refresh: map[string]bool{}, active: map[string]bool{}, asked: map[string]int{},
	}
	op.Server = httptest.NewServer(http.HandlerFunc(op.serve))
	t.Cleanup(op.Close)
	return op
}

func (op *fakeOP) serve(w http.ResponseWriter, r *http.Request) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.asked[r.Method+" "+r.URL.Path]++
	if h := op.override[r.URL.Path]; h != nil {
		h(w, r)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", op.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: op.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", op.token)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if !op.active[bearer(r)] {
			send(w, 401, map[string]string{"error": "request_unauthorized"})
			return
		}
		send(w, 200, map[string]string{"sub": op.userinfoSubject, "email": "ada@example.org"})
	})
	mux.HandleFunc("POST /revoke", func(w http.ResponseWriter, r *http.Request) {
		if !op.authenticated(r) {
			send(w, 401, map[string]string{"error": "invalid_client"})
			return
		}
		clear(op.active)
		clear(op.refresh)
	})
	mux.HandleFunc("POST /admin/oauth2/introspect", func(w http.ResponseWriter, r *http.Request) {
		send(w, 200, map[string]bool{"active": op.active[r.PostFormValue("token")]})
	})
	mux.HandleFunc("GET /admin/clients/{id}", func(w http.ResponseWriter, r *http.Request) {
		if c, ok := op.clients[r.PathValue("id")]; ok {
			send(w, 200, c)
			return
		}
		send(w, 404, map[string]string{"error": "Unable to locate the resource"})
	})
	mux.HandleFunc("PUT /admin/clients/{id}", func(w http.ResponseWriter, r *http.Request) { op.store(w, r, 200) })
	mux.HandleFunc("POST /admin/clients", func(w http.ResponseWriter, r *http.Request) { op.store(w, r, 201) })
	mux.ServeHTTP(w, r)
}

func (op *fakeOP) store(w http.ResponseWriter, r *http.Request, status int) {
	var c map[string]any
	if json.NewDecoder(r.Body).Decode(&c) != nil {
		send(w, 400, map[string]string{"error": "invalid_request"})
		return
	}
	op.clients[c["client_id"].(string)] = c
	send(w, status, c)
}

func (op *fakeOP) discovery(w http.ResponseWriter, _ *http.Request) {
	doc := map[string]any{
		"issuer": op.URL, "authorization_endpoint": op.URL + "/auth", "token_endpoint": op.URL + "/token",
		"jwks_uri": op.URL + "/keys", "userinfo_endpoint": op.URL + "/userinfo",
		"revocation_endpoint": op.URL + "/revoke", "end_session_endpoint": op.URL + "/logout",
		"scopes_supported":                      []string{"offline_access", "offline", "openid", "email"},
		"id_token_signing_alg_values_supported": []string{"ES256", "none"},
	}
	if op.changeDiscovery != nil {
		op.changeDiscovery(doc)
	}
	send(w, 200, doc)
}

// authorize is what happens at the provider's pages: a code for an authorization request.
func (op *fakeOP) authorize(request url.Values) string {
	op.mu.Lock()
	defer op.mu.Unlock()
	code := rand.Text()
	op.codes[code] = request
	return code
}

func (op *fakeOP) authenticated(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id = r.PostFormValue("client_id")
	}
	c, known := op.clients[id]
	want, confidential := c["client_secret"].(string)
	return known && basic == confidential && secret == want
}

func (op *fakeOP) token(w http.ResponseWriter, r *http.Request) {
	if !op.authenticated(r) {
		send(w, 401, map[string]string{"error": "invalid_client", "error_description": "unknown client"})
		return
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		request, ok := op.codes[r.PostFormValue("code")]
		delete(op.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		pkce := request.Get("code_challenge_method") == "S256" &&
			request.Get("code_challenge") == base64.RawURLEncoding.EncodeToString(sum[:])
		if !ok || !pkce || request.Get("redirect_uri") != r.PostFormValue("redirect_uri") {
			send(w, 400, map[string]string{"error": "invalid_grant", "error_description": "no such code"})
			return
		}
		op.nonce = request.Get("nonce")
	case "refresh_token":
		fresh, known := op.refresh[r.PostFormValue("refresh_token")]
		if !known || (!fresh && !op.grace) {
			if !op.forgiving {
				clear(op.active)
				clear(op.refresh)
			}
			send(w, 400, map[string]string{"error": "invalid_grant", "error_description": "used before"})
			return
		}
		op.refresh[r.PostFormValue("refresh_token")] = false
		op.nonce = ""
	}
	op.issued++
	clear(op.active)
	access := fmt.Sprintf("at-%d", op.issued)
	refresh := fmt.Sprintf("rt-%d", op.issued)
	op.active[access], op.refresh[refresh] = true, true
	answer := map[string]any{
		"access_token": access, "token_type": "bearer", "expires_in": 3600, "scope": "openid email",
		"refresh_token": refresh, "id_token": op.idToken(r, access),
	}
	if op.keepsRefresh {
		delete(answer, "refresh_token")
		op.refresh[r.PostFormValue("refresh_token")] = true
	}
	if op.changeToken != nil {
		op.changeToken(answer)
	}
	send(w, 200, answer)
}

func (op *fakeOP) idToken(r *http.Request, access string) string {
	id, _, basic := r.BasicAuth()
	if !basic {
		id = r.PostFormValue("client_id")
	}
	sum := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": op.URL, "sub": "person-1", "aud": []string{id}, "email": "ada@example.org",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	if op.nonce != "" {
		claims["nonce"] = op.nonce
	}
	if op.changeClaims != nil {
		op.changeClaims(claims)
	}
	raw, _ := json.Marshal(claims)
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: op.signWith, KeyID: "k1"},
	}, nil)
	if err != nil {
		return err.Error()
	}
	signed, err := signer.Sign(raw)
	if err != nil {
		return err.Error()
	}
	compact, _ := signed.CompactSerialize()
	return compact
}

// asking is how often each request was made, but for those of the start.
func (op *fakeOP) asking(method, path string) int {
	op.mu.Lock()
	defer op.mu.Unlock()
	return op.asked[method+" "+path]
}

func (op *fakeOP) registered() []string {
	op.mu.Lock()
	defer op.mu.Unlock()
	return slices.Sorted(maps.Keys(op.clients))
}

func (op *fakeOP) answer(path string, h func(http.ResponseWriter, *http.Request)) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.override[path] = h
}

func bearer(r *http.Request) string {
	const prefix = "Bearer "
	if v := r.Header.Get("Authorization"); len(v) > len(prefix) {
		return v[len(prefix):]
	}
	return ""
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
