package hydra

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/token/jwt"
	"github.com/ory/hydra/v2/client"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/pgtest"
	storage "example.com/identityd/internal/store"
)

// databases are one of each kind, migrated.
func databases() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"SQLite": func(t *testing.T) string {
			return migrated(t, storage.Settings{URL: "sqlite://" + t.TempDir()})
		},
		"PostgreSQL": func(t *testing.T) string {
			server := pgtest.Shared(t)
			settings := storage.Settings{URL: server.URL(), Pool: storage.Pool{MaxOpen: 5}}
			settings.Hydra.Name, settings.Kratos.Name = server.Databases(t)
			return migrated(t, settings)
		},
	}
}

func migrated(t *testing.T, settings storage.Settings) string {
	t.Helper()
	dsn, _, err := storage.Resolve(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := storage.Wait(t.Context(), dsn, storage.WaitOptions{Create: true, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dsn.Reveal()).Migrations().Up(t.Context(), dsn.Reveal(), nil); err != nil {
		t.Fatal(err)
	}
	return dsn.Reveal()
}

func open(t *testing.T, dsn string, change ...func(*Config)) *Engine {
	t.Helper()
	const page = "http://localhost/"
	secret := []string{strings.Repeat("0", 32)}
	c := Config{
		Issuer: page, AdminURL: InProcessAdmin, DSN: dsn, Dev: true,
		Pages:         Pages{Login: page, Registration: page, Consent: page, Logout: page, Error: page, PostLogout: page},
		SystemSecrets: secret, CookieSecrets: secret, Log: slog.New(slog.DiscardHandler), Tracing: ory.NewTracing(ory.Watch{}),
		Tokens: Tokens{Access: time.Hour, Refresh: time.Hour, ID: time.Hour},
	}
	for _, f := range change {
		f(&c)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	e, err := Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// found opens an engine on a migrated database and fixes its tenant.
func found(t *testing.T, dsn string, change ...func(*Config)) *Engine {
	t.Helper()
	e := open(t, dsn, change...)
	n, err := e.registry.Persister().DetermineNetwork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.network.Set(n.ID)
	return e
}

func richClient(t *testing.T, id string) *client.Client {
	t.Helper()
	var c client.Client
	err := json.Unmarshal([]byte(`{"client_id":"`+id+`","client_name":"N,\"ä","redirect_uris":["https://a.example/cb","https://b.example/cb"],
		"grant_types":["authorization_code","refresh_token"],"scope":"openid offline a","audience":["x","y"],"contacts":["c@example.com"],
		"metadata":{"a":{"b":[1,2]}},"skip_consent":true,"access_token_strategy":"jwt","token_endpoint_auth_method":"private_key_jwt",
		"client_credentials_grant_access_token_lifespan":"1h0m0s","allowed_cors_origins":["https://a.example"],
		"jwks":{"keys":[{"kty":"EC","use":"sig","kid":"k","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}}`), &c)
	if err != nil {
		t.Fatal(err)
	}
	c.Secret = "secret-of-" + id
	return &c
}

func sessionOf(t *testing.T) *hoauth2.Session {
	t.Helper()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	return &hoauth2.Session{
		DefaultSession: &openid.DefaultSession{
			Claims:  &jwt.IDTokenClaims{Subject: "ada", Issuer: "i", Audience: []string{"x"}, AuthTime: at, Extra: map[string]any{"n": int64(9007199254740993), "f": 1.5, "l": []any{"a", nil}}},
			Headers: &jwt.Headers{Extra: map[string]any{"kid": "k"}}, Subject: "ada", Username: "u",
			ExpiresAt: map[fosite.TokenType]time.Time{fosite.AccessToken: at, fosite.RefreshToken: at, fosite.AuthorizeCode: at},
		},
		Extra: map[string]any{"roles": []any{"r"}, "big": int64(9007199254740993)}, KID: "k", ClientID: "rich", AllowedTopLevelClaims: []string{"roles"}, MirrorTopLevelClaims: true,
	}
}

func emptySession() *hoauth2.Session {
	return &hoauth2.Session{DefaultSession: &openid.DefaultSession{Claims: new(jwt.IDTokenClaims), Headers: new(jwt.Headers)}, Extra: map[string]any{}}
}

type answer struct {
	request fosite.Requester
	err     error
}

// same compares what was read and what was said.
func same(t *testing.T, what string, want, got answer) {
	t.Helper()
	for _, sentinel := range []error{fosite.ErrNotFound, fosite.ErrInactiveToken, fosite.ErrInvalidatedAuthorizeCode} {
		if errors.Is(want.err, sentinel) != errors.Is(got.err, sentinel) {
			t.Errorf("%s: got %v, want %v", what, got.err, want.err)
		}
	}
	if (want.err == nil) != (got.err == nil) || want.err != nil && want.err.Error() != got.err.Error() {
		t.Errorf("%s: got %v, want %v", what, got.err, want.err)
	}
	a, _ := want.request.(*fosite.Request)
	b, _ := got.request.(*fosite.Request)
	if !reflect.DeepEqual(a, b) {
		w, _ := json.Marshal(a)
		g, _ := json.Marshal(b)
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// TestTokensAreReadAsUpstreamReadsThem asks both for the same rows of a real database.
func TestTokensAreReadAsUpstreamReadsThem(t *testing.T) {
	for kind, database := range databases() {
		t.Run("on "+kind, func(t *testing.T) {
			dsn := database(t)
			for _, grace := range []time.Duration{0, time.Minute} {
				e := found(t, dsn, func(c *Config) { c.Tokens.RefreshGrace = grace })
				s, ctx := e.registry.store, t.Context()
				id := "rich-" + grace.String()
				if err := s.CreateClient(ctx, richClient(t, id)); err != nil {
					t.Fatal(err)
				}
				c, err := s.GetConcreteClient(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				made := &fosite.Request{
					ID: "request-" + id, RequestedAt: time.Now().UTC().Round(time.Second), Client: c, Session: sessionOf(t), Form: url.Values{"code_challenge": {"é|&"}, "a": {"1", "2"}},
					RequestedScope: fosite.Arguments{"openid", "a"}, GrantedScope: fosite.Arguments{"a"}, RequestedAudience: fosite.Arguments{}, GrantedAudience: fosite.Arguments{"x"},
				}
				store := func(name string) {
					t.Helper()
					for _, err := range []error{
						s.CreateAccessTokenSession(ctx, name, made), s.CreateRefreshTokenSession(ctx, name, "access", made),
						s.CreateAuthorizeCodeSession(ctx, name, made), s.CreatePKCERequestSession(ctx, name, made), s.CreateOpenIDConnectSession(ctx, name, made),
					} {
						if err != nil {
							t.Fatal(err)
						}
					}
				}
				for _, name := range []string{"fresh-", "used-", "old-", "clear-"} {
					store(name + id)
				}
				exec := func(text string, args ...any) {
					t.Helper()
					if err := s.Connection(ctx).RawQuery(text, args...).Exec(); err != nil {
						t.Fatal(err)
					}
				}
				for _, table := range []string{"access", "refresh", "code", "pkce", "oidc"} {
					exec("UPDATE hydra_oauth2_"+table+" SET active = false WHERE request_id = ? AND signature LIKE 'used-%'", made.ID)
					exec("UPDATE hydra_oauth2_"+table+" SET session_data = ? WHERE request_id = ? AND signature LIKE 'old-%'",
						`{"idToken":{"Subject":"bea","Claims":{"Subject":"bea","Nonce":"n"}},"Extra":{"x":1},"KID":"o","AllowedTopLevelClaims":["a"]}`, made.ID)
					exec("UPDATE hydra_oauth2_"+table+" SET session_data = ? WHERE request_id = ? AND signature LIKE 'clear-%'",
						`{"id_token":{"subject":"cleo","expires_at":{"access_token":"2031-01-01T00:00:00Z"}},"extra":{"Extra":1,"KID":2},"kid":"o","unknown":1}`, made.ID)
				}
				// What access tokens looked like before their signatures were hashed.
				exec("UPDATE hydra_oauth2_access SET signature = ? WHERE signature = ?", "unhashed-"+id, hashOf("fresh-"+id))
				store("fresh2-" + id)
				exec("UPDATE hydra_oauth2_refresh SET active = false, first_used_at = ? WHERE signature = ?", time.Now().UTC().Add(-time.Second), "fresh2-"+id)

				for _, memory := range []string{"without a memory", "with the memory of a request"} {
					at := ctx
					for _, name := range []string{"fresh-", "fresh2-", "used-", "old-", "clear-", "unhashed-", "missing-"} {
						name += id
						if memory != "without a memory" {
							at = context.WithValue(ctx, visitKey{}, &visit{})
						}
						for range 2 {
							for what, get := range map[string]func(context.Context, tokenReader) (fosite.Requester, error){
								"access": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetAccessTokenSession(ctx, name, emptySession())
								},
								"access, no session": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetAccessTokenSession(ctx, name, nil)
								},
								"refresh": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetRefreshTokenSession(ctx, name, emptySession())
								},
								"code, over another": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetAuthorizeCodeSession(ctx, name, sessionOf(t))
								},
								"pkce": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetPKCERequestSession(ctx, name, emptySession())
								},
								"oidc": func(ctx context.Context, r tokenReader) (fosite.Requester, error) {
									return r.GetOpenIDConnectSession(ctx, name, &fosite.Request{Session: emptySession()})
								},
							} {
								var want, got answer
								want.request, want.err = get(ctx, s.Persister)
								got.request, got.err = get(at, s)
								same(t, memory+", "+what+" "+name, want, got)
							}
						}
					}
				}
			}
		})
	}
}

// TestClientsAreNeverOld has one process know a client that another changes.
func TestClientsAreNeverOld(t *testing.T) {
	for kind, database := range databases() {
		t.Run("on "+kind, func(t *testing.T) {
			dsn := database(t)
			here, there := found(t, dsn).registry.store, found(t, dsn).registry.store
			ctx := t.Context()
			if err := there.CreateClient(ctx, richClient(t, "c")); err != nil {
				t.Fatal(err)
			}
			check := func(what string) {
				t.Helper()
				for range 2 {
					want, wantErr := here.GetConcreteClient(ctx, "c")
					got, err := here.GetClient(ctx, "c")
					if (wantErr == nil) != (err == nil) || err != nil && err.Error() != wantErr.Error() {
						t.Fatalf("%s: got %v, want %v", what, err, wantErr)
					}
					if err == nil && !reflect.DeepEqual(want, got) {
						t.Errorf("%s:\ngot  %+v\nwant %+v", what, got, want)
					}
				}
			}
			check("as it was made")
			// Twice within a second, which is as exact as its own time of change is.
			for _, name := range []string{"one", "two", "one"} {
				c, err := there.GetConcreteClient(ctx, "c")
				if err != nil {
					t.Fatal(err)
				}
				c.Name, c.Secret = name, "another-"+name
				if err := there.UpdateClient(ctx, c); err != nil {
					t.Fatal(err)
				}
				check("changed to " + name)
			}
			t.Run("who gets one may change it", func(t *testing.T) {
				a, err := here.GetClient(ctx, "c")
				if err != nil {
					t.Fatal(err)
				}
				a.(*client.Client).Secret = ""
				_ = append(a.GetAudience(), "z")
				check("after somebody changed a copy")
			})
			t.Run("the memory of a request ends with a change in it", func(t *testing.T) {
				in := context.WithValue(ctx, visitKey{}, &visit{})
				a, err := here.GetClient(in, "c")
				if err != nil {
					t.Fatal(err)
				}
				own := *a.(*client.Client)
				own.Name, own.Secret = "three", ""
				if err := here.UpdateClient(in, &own); err != nil {
					t.Fatal(err)
				}
				b, err := here.GetClient(in, "c")
				if err != nil {
					t.Fatal(err)
				}
				if got := b.(*client.Client).Name; got != "three" {
					t.Errorf("got %q, want three", got)
				}
			})
			if err := there.DeleteClient(ctx, "c"); err != nil {
				t.Fatal(err)
			}
			check("deleted")
			if err := there.CreateClient(ctx, richClient(t, "c")); err != nil {
				t.Fatal(err)
			}
			check("made anew")
		})
	}
}

// tokenReader is what both answer to.
type tokenReader interface {
	GetAccessTokenSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error)
	GetRefreshTokenSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error)
	GetAuthorizeCodeSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error)
	GetPKCERequestSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error)
	GetOpenIDConnectSession(ctx context.Context, signature string, r fosite.Requester) (fosite.Requester, error)
}

func hashOf(signature string) string { return hx.SignatureHash(signature) }
