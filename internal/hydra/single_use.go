package hydra

import (
	"context"
	"errors"

	"github.com/ory/fosite"
	foauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/storage"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/identity"
)

// What fosite reads outside of the transaction that uses a code or a refresh token up may have been
// used up by another request since (docs/ory-quirks.md#q30). These storages make the row itself the
// claim: one conditional UPDATE inside that transaction, for which all but one wait and find nothing.

// codeStore is what fosite knows of Hydra's persister where it redeems codes.
type codeStore interface {
	foauth2.CoreStorage
	storage.Transactional
}

type claimedCodes struct {
	codeStore
	engine *Engine
}

// GetAuthorizeCodeSession notes that another request was first. Inside the transaction fosite takes
// that for a fault of the server.
func (s claimedCodes) GetAuthorizeCodeSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	s.engine.told(ctx, identity.Told{Step: signature}) // the sign-in that the code is of
	r, err := s.codeStore.GetAuthorizeCodeSession(ctx, signature, session)
	if errors.Is(err, fosite.ErrInvalidatedAuthorizeCode) {
		lost(ctx)
	}
	return r, err
}

// InvalidateAuthorizeCodeSession uses the code up, or finds that another request did.
func (s claimedCodes) InvalidateAuthorizeCodeSession(ctx context.Context, signature string) error {
	first, err := s.engine.claim(ctx, "UPDATE hydra_oauth2_code SET active = false WHERE signature = ? AND nid = ? AND active", signature)
	switch {
	case err != nil:
		return err
	case !first:
		lost(ctx)
		return fosite.ErrInvalidatedAuthorizeCode
	}
	return nil
}

// RotateRefreshToken makes sure of the token before the rotation, which knows only the family: it would
// take a token for its own that another request made of the same one a moment before.
func (s noting) RotateRefreshToken(ctx context.Context, family, signature string) error {
	if s.claim != nil {
		// The rotation wants to switch it off itself, so that this changes nothing but who may.
		first, err := s.claim(ctx, "UPDATE hydra_oauth2_refresh SET active = true WHERE signature = ? AND nid = ? AND active", signature)
		switch {
		case err != nil:
			return err
		case !first:
			lost(ctx)
			return fosite.ErrInactiveToken
		}
	}
	err := s.tokenStore.RotateRefreshToken(ctx, family, signature)
	if errors.Is(err, fosite.ErrNotFound) {
		lost(ctx)
	}
	return err
}

// claim runs an UPDATE that touches a row only for the first request, in the transaction of ctx, and
// reports whether this is that request.
func (e *Engine) claim(ctx context.Context, statement, signature string) (bool, error) {
	p := e.registry.Persister()
	n, err := p.Connection(ctx).RawQuery(statement, signature, p.NetworkID(ctx)).ExecWithCount()
	return n == 1, sqlcon.HandleError(err)
}

// lost notes that another request used the grant of this one up.
func lost(ctx context.Context) {
	if n, ok := ctx.Value(noteKey{}).(*note); ok {
		n.lost = true
	}
}

// PopulateTokenEndpointResponse implements fosite.TokenEndpointHandler. A code or token that two
// requests brought at once is one that was used twice (RFC 6749 section 4.1.2, RFC 6819 section
// 5.2.2.3): what the first was given ends, as it does when the second comes later. This runs in
// Hydra's transaction, which is about to be rolled back, so that the revocation is queued.
func (g reuseGuard) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, to fosite.AccessResponder) error {
	ctx, n := withNote(ctx)
	err := g.TokenEndpointHandler.PopulateTokenEndpointResponse(ctx, r, to)
	if err == nil || !n.lost {
		return err
	}
	g.engine.reused(ctx, r)
	g.engine.cfg.Families.Add(context.WithoutCancel(ctx), r.GetID())
	return fosite.ErrInvalidGrant.WithHint("Another request used it at the same time. All tokens of its grant are being revoked.")
}
