package stacktest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// IDToken is what an application learns of a sign-in, as far as tests look at it.
type IDToken struct {
	Subject  string   `json:"sub"`
	AuthTime int64    `json:"auth_time"`
	ACR      string   `json:"acr"`
	AMR      []string `json:"amr"`
	SID      string   `json:"sid"`
}

// Begin returns the address that begins a sign-in at a client of the file whose secret is its id and
// "-secret-secret-secret", with more parameters in pairs.
func (s *Stack) Begin(client string, more ...string) string {
	query := url.Values{
		"client_id": {client}, "response_type": {"code"}, "scope": {"openid email"},
		"state": {"state-state"}, "redirect_uri": {"https://" + AppHost + "/callback"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return s.URLs.Hydra + "/oauth2/auth?" + query.Encode()
}

// Redeem turns the code that the browser brought to the client into its ID token.
func (s *Stack) Redeem(t testing.TB, client string, b *Browser) IDToken {
	t.Helper()
	code := b.URL.Query().Get("code")
	if b.URL.Hostname() != AppHost || code == "" {
		t.Fatalf("got %s (%d), want a code at the application", b.URL, b.Status)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://" + AppHost + "/callback"},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.Hydra+"/oauth2/token",
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(client, client+"-secret-secret-secret")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		ID string `json:"id_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(answer.ID, ".")
	if len(parts) != 3 {
		t.Fatalf("got no ID token (%d)", res.StatusCode)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var token IDToken
	if err := json.Unmarshal(raw, &token); err != nil {
		t.Fatal(err)
	}
	return token
}

// Session is what Kratos says of a browser.
type Session struct {
	ID              string `json:"id"`
	AuthenticatedAt string `json:"authenticated_at"`
	Identity        struct {
		ID string `json:"id"`
	} `json:"identity"`
}

// Whoami returns the session of a browser.
func (s *Stack) Whoami(t testing.TB, b *Browser) Session {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var session Session
	if err := json.NewDecoder(res.Body).Decode(&session); err != nil {
		t.Fatal(err)
	}
	return session
}

// EndSession ends a session by Kratos' admin API, so that Hydra does not hear of it.
func (s *Stack) EndSession(t testing.TB, id string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URLs.KratosAdmin+"/admin/sessions/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("ending a session: got %d", res.StatusCode)
	}
}

// Watch calls each with every answer that the browser gets from now on, redirects among them.
func (b *Browser) Watch(each func(*http.Response)) {
	b.client.Transport = watched{b.client.Transport, each}
}

type watched struct {
	http.RoundTripper
	each func(*http.Response)
}

// RoundTrip implements http.RoundTripper.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.RoundTripper.RoundTrip(r)
	if err == nil {
		w.each(res)
	}
	return res, err
}
