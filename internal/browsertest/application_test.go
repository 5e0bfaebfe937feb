package browsertest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"example.com/identityd/internal/stacktest"
)

// application is a relying party as applications have it: public libraries, a callback of its own,
// nothing of ours.
type application struct {
	t        *testing.T
	name     string
	url      string
	oauth    oauth2.Config
	provider *oidc.Provider

	mu      sync.Mutex
	pending map[string]attempt // by state
	in      *signedIn
	frames  []url.Values // of what was opened in a frame
}

type attempt struct{ nonce, verifier string }

// signedIn is what a sign-in brought, verified.
type signedIn struct {
	Token    *oauth2.Token
	Raw      string // the ID token
	Claims   map[string]any
	Userinfo map[string]any
}

// newApplication starts an application and registers it. What is given changes its registration.
func newApplication(t *testing.T, s *stacktest.Stack, name string, change map[string]any) *application {
	t.Helper()
	a := &application{t: t, name: name, pending: map[string]attempt{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("GET /sign-in", a.signIn)
	mux.HandleFunc("GET /callback", a.callback)
	mux.HandleFunc("POST /callback", a.callback)
	mux.HandleFunc("GET /frame", a.frame)
	mux.HandleFunc("GET /sign-out", a.signOut)
	mux.HandleFunc("GET /bye", a.bye)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	a.url = server.URL
	client := map[string]any{
		"client_name": name, "grant_types": []string{"authorization_code", "refresh_token"},
		"response_types": []string{"code"}, "scope": "openid offline_access email profile",
		"redirect_uris":             []string{a.url + "/callback"},
		"post_logout_redirect_uris": []string{a.url + "/bye"},
	}
	for key, value := range change {
		client[key] = a.whole(value)
	}
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	post(t, s.URLs.HydraAdmin+"/admin/clients", client, &made)
	provider, err := oidc.NewProvider(context.WithoutCancel(t.Context()), s.URLs.Hydra)
	if err != nil {
		t.Fatal(err)
	}
	a.provider = provider
	a.oauth = oauth2.Config{
		ClientID: made.ID, ClientSecret: made.Secret, Endpoint: provider.Endpoint(),
		RedirectURL: a.url + "/callback", Scopes: []string{"openid", "email", "profile"},
	}
	return a
}

// whole puts the address of the application before paths.
func (a *application) whole(value any) any {
	switch value := value.(type) {
	case string:
		if strings.HasPrefix(value, "/") {
			return a.url + value
		}
	case []string:
		var out []any
		for _, each := range value {
			out = append(out, a.whole(each))
		}
		return out
	}
	return value
}

func (a *application) home(w http.ResponseWriter, _ *http.Request) {
	// The script would change the page: that shows whether the browser really runs none.
	a.page(w, a.name, `<p id="scripts">no script ran</p><script>
		document.getElementById("scripts").textContent = "a script ran"</script>
		<a href="/sign-in">Sign in</a>`)
}

func (a *application) signIn(w http.ResponseWriter, r *http.Request) {
	try := attempt{nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}
	state := rand.Text()
	a.mu.Lock()
	a.pending[state] = try
	a.mu.Unlock()
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(try.verifier), oidc.Nonce(try.nonce)}
	if mode := r.URL.Query().Get("response_mode"); mode != "" {
		options = append(options, oauth2.SetAuthURLParam("response_mode", mode))
	}
	to := a.oauth.AuthCodeURL(state, options...)
	http.Redirect(w, r, to, http.StatusFound)
}

func (a *application) callback(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		a.page(w, "Not signed in", "")
		return
	}
	in, err := a.accept(r.Context(), r.Form)
	if err != nil {
		a.page(w, "Not signed in", `<p id="error">`+html.EscapeString(err.Error())+`</p>`)
		return
	}
	a.mu.Lock()
	a.in = in
	a.mu.Unlock()
	a.page(w, "Signed in to "+a.name, `<a href="/sign-out">Sign out</a>`)
}

// accept checks everything that OpenID Connect asks an application to check.
func (a *application) accept(ctx context.Context, answer url.Values) (*signedIn, error) {
	a.mu.Lock()
	try, known := a.pending[answer.Get("state")]
	delete(a.pending, answer.Get("state"))
	a.mu.Unlock()
	switch {
	case !known:
		return nil, fmt.Errorf("the state is not one of ours")
	case answer.Get("error") != "":
		return nil, fmt.Errorf("the provider says %s", answer.Get("error"))
	}
	token, err := a.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(try.verifier))
	if err != nil {
		return nil, fmt.Errorf("exchanging the code: %w", err)
	}
	in := &signedIn{Token: token}
	in.Raw, _ = token.Extra("id_token").(string)
	id, err := a.provider.Verifier(&oidc.Config{ClientID: a.oauth.ClientID}).Verify(ctx, in.Raw)
	if err != nil {
		return nil, fmt.Errorf("verifying the ID token: %w", err)
	}
	if id.Nonce != try.nonce {
		return nil, fmt.Errorf("the nonce is not ours")
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		return nil, fmt.Errorf("verifying the access token: %w", err)
	}
	if err := id.Claims(&in.Claims); err != nil {
		return nil, fmt.Errorf("reading the claims: %w", err)
	}
	info, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("asking for userinfo: %w", err)
	}
	if info.Subject != id.Subject {
		return nil, fmt.Errorf("userinfo is about somebody else")
	}
	return in, info.Claims(&in.Userinfo)
}

func (a *application) signOut(w http.ResponseWriter, r *http.Request) {
	var meta struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := a.provider.Claims(&meta); err != nil {
		a.page(w, "Not signed out", html.EscapeString(err.Error()))
		return
	}
	a.mu.Lock()
	raw := a.in.Raw
	a.mu.Unlock()
	q := url.Values{
		"id_token_hint": {raw}, "post_logout_redirect_uri": {a.url + "/bye"}, "state": {"see-you-again"},
	}
	http.Redirect(w, r, meta.EndSession+"?"+q.Encode(), http.StatusFound)
}

func (a *application) bye(w http.ResponseWriter, r *http.Request) {
	if got, want := r.URL.Query().Get("state"), "see-you-again"; got != want {
		a.page(w, "Not signed out", "")
		return
	}
	a.mu.Lock()
	a.in = nil
	a.mu.Unlock()
	a.page(w, "Signed out of "+a.name, "")
}

func (a *application) page(w http.ResponseWriter, heading, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
		<title>%s</title><main><h1>%[1]s</h1>%s</main>`, html.EscapeString(heading), body)
}

// tokens returns what the last sign-in brought.
func (a *application) tokens() signedIn {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.in == nil {
		a.t.Fatalf("nobody is signed in to %s", a.name)
	}
	return *a.in
}

// decode reads an answer of JSON.
func decode(t *testing.T, res *http.Response, want int, into any) {
	t.Helper()
	defer res.Body.Close()
	if res.StatusCode != want {
		t.Fatalf("got status %d from %s, want %d", res.StatusCode, res.Request.URL.Path, want)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
