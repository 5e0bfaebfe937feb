package hydra

import (
	"context"
	"errors"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/pkce"
)

// oneVerifier gives a code one try with a verifier, as upstream does by deleting what PKCE said of it: with a wrong
// one the code itself is used up, so that neither the right one nor none is of use any more (docs/ory-quirks.md#q126).
type oneVerifier struct {
	*pkce.Handler
	store *store
}

// HandleTokenEndpointRequest implements fosite.TokenEndpointHandler.
func (h oneVerifier) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	err := h.Handler.HandleTokenEndpointRequest(ctx, r)
	if !errors.Is(err, fosite.ErrInvalidGrant) {
		return err
	}
	signature := h.AuthorizeCodeStrategy.AuthorizeCodeSignature(ctx, r.GetRequestForm().Get("code"))
	if burnt := h.store.InvalidateAuthorizeCodeSession(ctx, signature); burnt != nil && !errors.Is(burnt, fosite.ErrNotFound) {
		return fosite.ErrServerError.WithWrap(burnt)
	}
	return err
}
