package hydra

import (
	"context"
	"net/http"

	"github.com/ory/fosite"
	hconfig "github.com/ory/hydra/v2/driver/config"
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

// OAuth2AwareMiddleware implements hydra's driver.Registry. Upstream's reads all settings of CORS, copies
// included, at each request, also where it is off (docs/ory-quirks.md#q119). No setting of it changes within a process.
func (o *outgoing) OAuth2AwareMiddleware() func(http.Handler) http.Handler {
	if _, on := o.Config().CORS(context.Background(), hconfig.PublicInterface); !on {
		return func(next http.Handler) http.Handler { return next }
	}
	return o.Registry.OAuth2AwareMiddleware()
}
