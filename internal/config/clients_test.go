package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

func TestClientsAreCompletedWithDefaults(t *testing.T) {
	cfg := load(t, config.Options{File: "testdata/ok/production.yaml"})
	secrets := make([]string, len(cfg.Clients))
	for i := range cfg.Clients {
		secrets[i] = cfg.Clients[i].Secret.Reveal()
		cfg.Clients[i].Secret = config.Secret{}
		if file := cfg.Clients[i].SecretFile; file != "" {
			cfg.Clients[i].SecretFile = file[strings.LastIndex(file, "/")+1:]
		}
	}
	standard := config.Words{"openid", "offline_access", "email", "profile"}
	want := []config.Client{
		{
			ID: "spa", RedirectURIs: []string{"https://app.example.com/cb"}, Scope: standard,
			GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"},
			TokenEndpointAuthMethod: config.ClientAuthNone,
			Origins:                 []string{"https://app.example.com", "https://www.example.com"},
		},
		{
			ID: "server", SecretFile: "client", Scope: config.Words{"openid", "email"},
			GrantTypes: []string{"authorization_code", "client_credentials"}, ResponseTypes: []string{"code"},
			RedirectURIs:            []string{"https://server.example.com/cb", "com.example.app:/cb", "http://127.0.0.1/cb"},
			PostLogoutRedirectURIs:  []string{"https://server.example.com/bye"},
			TokenEndpointAuthMethod: config.ClientAuthPost, AccessTokenStrategy: config.TokenJWT,
		},
		{
			ID: "job", Scope: config.Words{"read", "urn:x:write"}, Audience: []string{"https://api.example.com"},
			GrantTypes: []string{"client_credentials"}, ResponseTypes: []string{"code"},
			TokenEndpointAuthMethod: config.ClientAuthBasic,
		},
	}
	if diff := cmp.Diff(want, cfg.Clients, cmp.Comparer(config.Secret.Equal)); diff != "" {
		t.Errorf("clients differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "hunter2-hunter2-hunter2", "hunter2-hunter2-hunter2"}, secrets); diff != "" {
		t.Errorf("secrets differ (-want +got):\n%s", diff)
	}
}

func TestClientsComeFromAFileOfTheirOwn(t *testing.T) {
	dir := write(t, map[string]string{
		"stack.yaml": "profile: development\nclients: [{id: old}]\n",
		"apps.yaml":  "- {id: new, redirect_uris: ['http://localhost/cb'], token_endpoint_auth_method: '', access_token_strategy: ''}\n",
	})
	cfg := load(t, config.Options{Dir: dir, Environ: []string{"IDENTITYD_CLIENTS_FILE=apps.yaml"}})
	if len(cfg.Clients) != 1 || cfg.Clients[0].ID != "new" || cfg.Clients[0].TokenEndpointAuthMethod != config.ClientAuthNone {
		t.Errorf("got %+v, want the public client of apps.yaml alone", cfg.Clients)
	}
	if got := cfg.Origins["clients"]; got != "IDENTITYD_CLIENTS_FILE" {
		t.Errorf("got clients from %q, want IDENTITYD_CLIENTS_FILE", got)
	}
}

func TestClaimsAreJudgedByWhoKnowsTheSources(t *testing.T) {
	dir := write(t, map[string]string{
		"stack.yaml": "profile: development\nlisten: {ui: '1'}\nclaims: {profile: {nick: traits.nick, x: {from: a, id_token: false}, name: }}\n",
		"bad.yaml":   "profile: development\nclaims: {profile: {nick: 5}}\n",
	})
	var got map[string]map[string]any
	opts := config.Options{Dir: dir, CheckClaims: func(claims map[string]map[string]any) []config.Problem {
		got = claims
		return []config.Problem{{Path: "claims.profile.x", Message: "has an unknown source"}}
	}}
	want := []string{
		"claims.profile.x: has an unknown source",
		`listen.ui: must be host:port, unix:/path or off (got "1"); write :1`,
	}
	if diff := cmp.Diff(want, problems(t, opts)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	wantClaims := map[string]map[string]any{
		"profile": {"nick": "traits.nick", "x": map[string]any{"from": "a", "id_token": false}, "name": nil},
	}
	if diff := cmp.Diff(wantClaims, got); diff != "" {
		t.Errorf("claims differ (-want +got):\n%s", diff)
	}
	got, opts.File = nil, "bad.yaml"
	if len(problems(t, opts)) != 1 || got != nil {
		t.Errorf("got claims %v of a wrong shape handed on, want one problem and no call", got)
	}
}

func TestTheLogoOfAClientIsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stack.yaml")
	text := "profile: development\nclients: [{ id: app, redirect_uris: ['http://localhost/cb'], logo_file: app.svg }]\n"
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	for name, content := range map[string]string{file: text, filepath.Join(filepath.Dir(file), "app.svg"): drawing} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(config.Options{File: file, Dir: ".", AnyMode: true})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Image{Data: []byte(drawing), Type: "image/svg+xml"}
	if diff := cmp.Diff(want, cfg.Clients[0].Logo); diff != "" {
		t.Error(diff)
	}
}
