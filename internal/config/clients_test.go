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

func TestClientsAreNarrowedToClaimsThatThereAre(t *testing.T) {
	dir := write(t, map[string]string{"stack.yaml": "profile: development\nclients:\n" +
		"  - {id: a, redirect_uris: ['http://localhost/cb'], claims: [email, grups]}\n" +
		"  - {id: b, redirect_uris: ['http://localhost/cb'], claims: 'email groups'}\n"})
	opts := config.Options{Dir: dir, KnownClaims: func(map[string]map[string]any) []string { return []string{"email", "groups"} }}
	want := []string{`clients[0].claims[1]: must be a claim that some scope reveals (got "grups"); did you mean groups?`}
	if diff := cmp.Diff(want, problems(t, opts)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
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

func TestAKindFillsTheDefaultsOfAClient(t *testing.T) {
	standard := config.Words{"openid", "offline_access", "email", "profile"}
	secret := config.NewSecret("hunter2-hunter2-hunter2")
	people := config.Client{Scope: standard, GrantTypes: []string{"authorization_code", "refresh_token"}, ResponseTypes: []string{"code"}}
	tests := []struct {
		name string
		in   config.Client
		want func(*config.Client)
	}{
		{
			"a web application keeps a secret and ends sign-outs at its first page",
			config.Client{Kind: config.ClientWeb, Secret: secret, RedirectURIs: []string{"https://app.example.com/cb", "http://localhost:3000/cb"}},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod = config.ClientAuthBasic
				c.PostLogoutRedirectURIs = []string{"https://app.example.com/", "http://localhost:3000/"}
			},
		},
		{
			"an application in a browser has no secret, and its origins may call",
			config.Client{Kind: config.ClientSPA, RedirectURIs: []string{"https://app.example.com:443/", "http://localhost:5173/"}},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod = config.ClientAuthNone
				c.Origins = []string{"https://app.example.com", "http://localhost:5173"}
				c.PostLogoutRedirectURIs = []string{"https://app.example.com:443/", "http://localhost:5173/"}
			},
		},
		{
			"what is said stays",
			config.Client{Kind: config.ClientSPA, RedirectURIs: []string{"https://app.example.com/"}, Origins: []string{}, PostLogoutRedirectURIs: []string{}, Scope: config.Words{"openid"}},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod, c.Scope = config.ClientAuthNone, config.Words{"openid"}
				c.Origins, c.PostLogoutRedirectURIs = []string{}, []string{}
			},
		},
		{
			"a native application listens at any port of loopback, or has a scheme of its own",
			config.Client{Kind: config.ClientNative, RedirectURIs: []string{"com.example.app:/cb", "http://localhost:8080/done?a=b"}},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod = config.ClientAuthNone
				c.RedirectURIs = []string{"com.example.app:/cb", "http://localhost:8080/done?a=b", "http://127.0.0.1/done?a=b", "http://[::1]/done?a=b"}
				c.PostLogoutRedirectURIs = []string{"com.example.app:/cb", "http://localhost:8080/"}
			},
		},
		{
			"a native application that names nothing listens at loopback",
			config.Client{Kind: config.ClientNative},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod = config.ClientAuthNone
				c.RedirectURIs = []string{"http://127.0.0.1/callback", "http://[::1]/callback"}
				c.PostLogoutRedirectURIs = []string{}
			},
		},
		{
			"a machine signs nobody in",
			config.Client{Kind: config.ClientMachine, Secret: secret},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod = config.ClientAuthBasic
				c.GrantTypes, c.ResponseTypes, c.Scope = []string{"client_credentials"}, []string{}, config.Words{}
			},
		},
		{
			"an application of MCP gets tokens that its servers can verify",
			config.Client{Kind: config.ClientMCP, RedirectURIs: []string{"https://chat.example.com/mcp/callback", "http://127.0.0.1:9999/cb"}},
			func(c *config.Client) {
				c.TokenEndpointAuthMethod, c.AccessTokenStrategy = config.ClientAuthNone, config.TokenJWT
				c.RedirectURIs = []string{"https://chat.example.com/mcp/callback", "http://127.0.0.1/cb", "http://[::1]/cb"}
				c.Origins = []string{"https://chat.example.com"}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.ID = "app"
			got, problems := config.Draft(tt.in, config.Production)
			if len(problems) > 0 {
				t.Errorf("got problems %v", problems)
			}
			want := people
			want.ID, want.Kind, want.Secret, want.RedirectURIs = "app", tt.in.Kind, tt.in.Secret, tt.in.RedirectURIs
			tt.want(&want)
			if diff := cmp.Diff(want, got, cmp.Comparer(config.Secret.Equal)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
