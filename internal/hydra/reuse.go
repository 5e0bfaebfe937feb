package hydra

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/fosite"
	foauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/storage"

	"example.com/identityd/internal/ory"
)

// Families takes what Hydra could not revoke: a token was used again, which is how a theft shows, and
// the database refused the revocation. It must not be lost.
type Families interface {
	Add(ctx context.Context, family string)
}

// guardRevocations puts ours around the handlers of fosite that revoke outside of a transaction that is
// run again, or that hide from it why they failed (docs/ory-quirks.md#q38). The lists are those that
// fosite reads; nothing is served yet.
func (e *Engine) guardRevocations(ctx context.Context) error {
	cfg := e.registry.OAuth2ProviderConfig()
	guarded := 0
	tokens := cfg.GetTokenEndpointHandlers(ctx)
	for i, h := range tokens {
		switch h := h.(type) {
		case *foauth2.RefreshTokenGrantHandler:
			guard := noting{tokenStore: h.TokenRevocationStorage.(tokenStore)}
			if e.cfg.Tokens.RefreshGrace == 0 && !e.cfg.UnclaimedGrants {
				guard.claim = e.claim
			}
			h.TokenRevocationStorage = guard
		case *foauth2.AuthorizeExplicitGrantHandler:
			h.TokenRevocationStorage = noting{tokenStore: h.TokenRevocationStorage.(tokenStore)}
			if !e.cfg.UnclaimedGrants {
				h.CoreStorage = claimedCodes{h.CoreStorage.(codeStore), e}
			}
		default:
			continue
		}
		tokens[i] = reuseGuard{h, e}
		guarded++
	}
	revocations := cfg.GetRevocationHandlers(ctx)
	for i, h := range revocations {
		if h, ok := h.(*foauth2.TokenRevocationHandler); ok {
			h.TokenRevocationStorage = noting{tokenStore: h.TokenRevocationStorage.(tokenStore)}
			revocations[i] = honest{h}
			guarded++
		}
	}
	if guarded != 3 {
		return fmt.Errorf("guarding revocations: got %d handlers of fosite, want 3 (docs/ory-quirks.md#q38)", guarded)
	}
	return nil
}

// Revoke ends every token of a family. What is gone already is no error.
func (e *Engine) Revoke(ctx context.Context, family string) error {
	err := errors.New("ended while waiting for its turn")
	e.serial.Do(ctx, func() { err = e.revoke(ctx, family) })
	if err != nil {
		return fmt.Errorf("revoking tokens: %w", err)
	}
	return nil
}

func (e *Engine) revoke(ctx context.Context, family string) error {
	p := e.registry.Persister()
	return ory.Guard(name, func() error {
		return p.Transaction(ctx, func(ctx context.Context, _ *pop.Connection) error {
			for _, revoke := range []func(context.Context, string) error{p.RevokeRefreshToken, p.RevokeAccessToken} {
				if err := revoke(ctx, family); err != nil && !errors.Is(err, fosite.ErrNotFound) {
					return err
				}
			}
			return nil
		})
	})
}

// reuseGuard finishes the revocation that follows a second use of a code or a refresh token.
type reuseGuard struct {
	fosite.TokenEndpointHandler
	engine *Engine
}

// HandleTokenEndpointRequest implements fosite.TokenEndpointHandler.
func (g reuseGuard) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	ctx, n := withNote(ctx)
	err := g.TokenEndpointHandler.HandleTokenEndpointRequest(ctx, r)
	// fosite answers the second use of a code with an error of its own (docs/ory-quirks.md#q154): claimedCodes has
	// seen why.
	if n.family != "" || n.lost || errors.Is(err, fosite.ErrInvalidatedAuthorizeCode) {
		g.engine.reused(ctx, r)
	}
	// A refusal as it should be means that fosite has revoked all there is.
	if n.family == "" || n.failure == nil && errors.Is(err, fosite.ErrInvalidGrant) {
		return err
	}
	// Without the serializer: this request holds it.
	if again := g.engine.revoke(ctx, n.family); again != nil {
		g.engine.cfg.Families.Add(context.WithoutCancel(ctx), n.family)
		return err
	}
	return fosite.ErrInvalidGrant.WithHint("It was already used. All tokens of its grant have been revoked.")
}

// reused tells that somebody used a code or a refresh token again.
func (e *Engine) reused(ctx context.Context, r fosite.AccessRequester) {
	if e.cfg.Reused == nil {
		return
	}
	subject := ""
	if s := r.GetSession(); s != nil {
		subject = s.GetSubject()
	}
	e.cfg.Reused(ctx, r.GetClient().GetID(), subject)
}

// honest tells why a revocation failed, so that the transaction around it is run again: fosite's own
// answer says neither.
type honest struct{ fosite.RevocationHandler }

// RevokeToken implements fosite.RevocationHandler.
func (h honest) RevokeToken(ctx context.Context, token string, kind fosite.TokenType, client fosite.Client) error {
	ctx, n := withNote(ctx)
	err := h.RevocationHandler.RevokeToken(ctx, token, kind, client)
	if n.failure != nil && errors.Is(err, fosite.ErrTemporarilyUnavailable) {
		return fosite.ErrTemporarilyUnavailable.WithWrap(n.failure)
	}
	return err
}

// tokenStore is what fosite knows of Hydra's persister here.
type tokenStore interface {
	foauth2.TokenRevocationStorage
	storage.Transactional
}

// note is what one request learned of the family of a used token.
type note struct {
	family  string
	failure error
	// lost is set when another request used the code or token up.
	lost bool
}

type noteKey struct{}

func withNote(ctx context.Context) (context.Context, *note) {
	n := &note{}
	return context.WithValue(ctx, noteKey{}, n), n
}

// noting is the storage of tokens, and writes down what fosite swallows. Its claim, when there is one,
// makes sure of a refresh token before it is rotated (single_use.go).
type noting struct {
	tokenStore
	claim func(ctx context.Context, statement, signature string) (bool, error)
}

// GetRefreshTokenSession notes the family of a token that was used before.
func (s noting) GetRefreshTokenSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	r, err := s.tokenStore.GetRefreshTokenSession(ctx, signature, session)
	if n, ok := ctx.Value(noteKey{}).(*note); ok && r != nil && errors.Is(err, fosite.ErrInactiveToken) {
		n.family = r.GetID()
	}
	return r, err
}

// RevokeRefreshToken notes a failure.
func (s noting) RevokeRefreshToken(ctx context.Context, family string) error {
	return failed(ctx, family, s.tokenStore.RevokeRefreshToken(ctx, family))
}

// RevokeAccessToken notes a failure.
func (s noting) RevokeAccessToken(ctx context.Context, family string) error {
	return failed(ctx, family, s.tokenStore.RevokeAccessToken(ctx, family))
}

func failed(ctx context.Context, family string, err error) error {
	n, ok := ctx.Value(noteKey{}).(*note)
	// The first one: what follows in its transaction says only that the transaction is broken.
	if ok && n.failure == nil && err != nil && !errors.Is(err, fosite.ErrNotFound) {
		n.family, n.failure = family, err
	}
	return err
}
