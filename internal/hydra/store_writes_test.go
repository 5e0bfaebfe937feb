package hydra

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/google/go-cmp/cmp"
	"github.com/ory/fosite"
	hsql "github.com/ory/hydra/v2/persistence/sql"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/ory"
)

// said collects what is told of tokens.
type said struct {
	mu  sync.Mutex
	all []map[string]string
}

func (s *said) watch() ory.Watch {
	return ory.Watch{
		Wants: func(string) bool { return true },
		Saw: func(_ context.Context, name string, attrs map[string]string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			attrs["name"] = name
			s.all = append(s.all, attrs)
		},
	}
}

func (s *said) take() []map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.all
	s.all = nil
	return out
}

// TestTokensAreStoredAsUpstreamStoresThem has both store the same ones in a real database.
func TestTokensAreStoredAsUpstreamStoresThem(t *testing.T) {
	for kind, database := range databases() {
		t.Run("on "+kind, func(t *testing.T) {
			dsn := database(t)
			for sealing, extra := range map[string]map[string]any{
				"sealed": nil, "in the clear": {"oauth2": map[string]any{"session": map[string]any{"encrypt_at_rest": false}}},
			} {
				var told said
				e := found(t, dsn, func(c *Config) { c.Extra, c.Tracing = extra, ory.NewTracing(told.watch()) })
				s := e.registry.store
				ctx, span := e.registry.Tracer(t.Context()).Tracer().Start(t.Context(), "test")
				defer span.End()
				id := "rich " + sealing
				if err := s.CreateClient(ctx, richClient(t, id)); err != nil {
					t.Fatal(err)
				}
				c, err := s.GetConcreteClient(ctx, id)
				if err != nil {
					t.Fatal(err)
				}
				bare := &fosite.Request{ID: "bare " + sealing, RequestedAt: time.Now().UTC().Round(time.Second), Client: c, Form: url.Values{}, Session: emptySession()}
				full := &fosite.Request{
					ID: "full " + sealing, RequestedAt: bare.RequestedAt, Client: c, Session: sessionOf(t), Form: url.Values{"grant_type": {"authorization_code"}, "a": {"1", "é|&"}},
					RequestedScope: fosite.Arguments{"openid", "a"}, GrantedScope: fosite.Arguments{"a"}, RequestedAudience: fosite.Arguments{"y"}, GrantedAudience: fosite.Arguments{"x", "y"},
				}
				told.take()
				for what, r := range map[string]*fosite.Request{"full": full, "bare": bare} {
					var rows [2][]any
					var events [2][]map[string]string
					for i, w := range []tokenWriter{s.Persister, s} {
						name := []string{"upstream", "ours"}[i] + what + sealing
						access := map[string]string{"full": "access of " + name}[what] // the other has none
						if err := w.CreateAccessTokenSession(ctx, name, r); err != nil {
							t.Fatal(err)
						}
						if err := w.CreateRefreshTokenSession(ctx, name, access, r); err != nil {
							t.Fatal(err)
						}
						events[i] = told.take()
						rows[i] = stored(ctx, t, s, name, access)
					}
					if diff := cmp.Diff(rows[0], rows[1], cmp.Transformer("time", func(n sqlxx.NullTime) time.Time { return time.Time(n) })); diff != "" {
						t.Errorf("%s, %s (-upstream +ours):\n%s", what, sealing, diff)
					}
					if diff := cmp.Diff(events[0], events[1]); diff != "" || len(events[1]) != 2 {
						t.Errorf("%s, %s, told (-upstream +ours):\n%s", what, sealing, diff)
					}
				}
				t.Run("in a transaction that is rolled back nothing is stored, "+sealing, func(t *testing.T) {
					err := s.Transaction(ctx, func(ctx context.Context, _ *pop.Connection) error {
						if err := s.CreateAccessTokenSession(ctx, "gone", full); err != nil {
							t.Error(err)
						}
						return fosite.ErrInvalidGrant
					})
					if err == nil {
						t.Error("got no error")
					}
					if _, err := s.GetAccessTokenSession(ctx, "gone", emptySession()); !errors.Is(err, fosite.ErrNotFound) {
						t.Errorf("got %v, want that it is not there", err)
					}
				})
				t.Run("a token is stored once, "+sealing, func(t *testing.T) {
					want := s.Persister.CreateAccessTokenSession(ctx, "oursfull"+sealing, full)
					got := s.CreateAccessTokenSession(ctx, "oursfull"+sealing, full)
					if want == nil || got == nil || got.Error() != want.Error() {
						t.Errorf("got %v, want %v", got, want)
					}
				})
			}
		})
	}
}

// stored are both rows of a token, without what differs from token to token.
func stored(ctx context.Context, t *testing.T, s *store, name, access string) []any {
	t.Helper()
	a := hsql.OAuth2RequestSQL{Table: "access"}
	if err := s.Connection(ctx).Where("signature = ?", hashOf(name)).First(&a); err != nil {
		t.Fatal(err)
	}
	var r hsql.OAuth2RefreshTable
	if err := s.Connection(ctx).Where("signature = ?", name).First(&r); err != nil {
		t.Fatal(err)
	}
	if want := access != ""; r.AccessTokenSignature.Valid != want || want && r.AccessTokenSignature.String != hashOf(access) {
		t.Errorf("%s: got %v as the signature of its access token", name, r.AccessTokenSignature)
	}
	r.AccessTokenSignature.String = ""
	a.ID, r.ID = "", ""
	for _, session := range []*[]byte{&a.Session, &r.Session} {
		if plain, err := s.engine.registry.KeyCipher().Decrypt(ctx, string(*session), nil); err == nil {
			*session = append([]byte("sealed: "), plain...)
		}
	}
	return []any{a, r}
}

type tokenWriter interface {
	CreateAccessTokenSession(ctx context.Context, signature string, r fosite.Requester) error
	CreateRefreshTokenSession(ctx context.Context, signature, access string, r fosite.Requester) error
}
