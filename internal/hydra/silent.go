package hydra

import (
	"context"
	"net/http"

	"github.com/ory/fosite"
)

// silent answers for a handler that a request is none of its own. fosite asks all of them for each token, and
// each says no with a trace of the stack that nobody looks at (docs/ory-quirks.md#q119).
type silent struct{ fosite.TokenEndpointHandler }

// PopulateTokenEndpointResponse implements fosite.TokenEndpointHandler.
func (h silent) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, to fosite.AccessResponder) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	return h.TokenEndpointHandler.PopulateTokenEndpointResponse(ctx, r, to)
}

// silence comes after all that look for handlers in the list.
func (e *Engine) silence(ctx context.Context) {
	tokens := e.registry.OAuth2ProviderConfig().GetTokenEndpointHandlers(ctx)
	for i, h := range tokens {
		tokens[i] = silent{h}
	}
}

// OAuth2AwareMiddleware implements hydra's driver.Registry. Upstream's looks for the origins of the client that a
// request is of, behind a middleware that has refused the preflight by then, and reads all settings of CORS at
// each request (docs/ory-quirks.md#q119, docs/ory-quirks.md#q185). The door in front of all paths answers for the clients too (crossorigin.go).
func (o *outgoing) OAuth2AwareMiddleware() func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return next }
}
