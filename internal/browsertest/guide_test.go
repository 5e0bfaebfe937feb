package browsertest

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/stacktest"
)

// guide is the check that the guide of Hydra and Kratos ends with, as the README tells it: the browser
// opens the authorization address, comes to an address that nobody serves, and the person takes the
// code from the address bar.
func guide(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Emmy")
	callback := "http://" + nobody(t) + "/callback"
	var client struct {
		ID string `json:"client_id"`
	}
	post(t, s.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "demo", "client_secret": "only-for-localhost", "client_name": "Demo",
		"grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid offline_access email",
		"redirect_uris": []string{callback},
	}, &client)
	const state = "any-8-or-more"
	b := open(t, "guide")
	b.visit(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"demo"}, "response_type": {"code"}, "scope": {"openid offline_access email"},
		"redirect_uri": {callback}, "state": {state},
	}.Encode())
	b.signIn(email, password)
	b.heading("Demo wants to use your account")
	b.shot("consent")
	b.leave("Allow", "ERR_CONNECTION_REFUSED")
	b.at(callback)
	answer := b.address().Query()
	if got := answer.Get("state"); got != state {
		t.Errorf("got state %q, want %q", got, state)
	}

	var token struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
	}
	send(t, s.URLs.Hydra+"/oauth2/token", "demo", "only-for-localhost", url.Values{
		"grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code": {answer.Get("code")},
	}, &token)
	if token.Access == "" || token.Refresh == "" || token.ID == "" {
		t.Fatalf("got access token %t, refresh token %t, ID token %t, want all three",
			token.Access != "", token.Refresh != "", token.ID != "")
	}
	var said struct {
		Active   bool   `json:"active"`
		ClientID string `json:"client_id"`
		Scope    string `json:"scope"`
	}
	send(t, s.URLs.HydraAdmin+"/admin/oauth2/introspect", "", "", url.Values{"token": {token.Access}}, &said)
	want := said
	want.Active, want.ClientID, want.Scope = true, "demo", "openid offline_access email"
	if said != want {
		t.Errorf("got introspection %+v, want %+v", said, want)
	}
}

// nobody returns an address of this machine that nobody can listen on until the test ends: the near end of a connection.
func nobody(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

// send posts a form, with the name and password of a client when there is one.
func send(t *testing.T, address, user, secret string, form url.Values, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		req.SetBasicAuth(user, secret)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, res, http.StatusOK, into)
}
