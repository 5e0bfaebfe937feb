package hydra

import (
	"context"

	hdriver "github.com/ory/hydra/v2/driver"

	"example.com/identityd/internal/ory"
)

// warm calls every lazy getter once: they are unguarded, and the first parallel requests would race
// in them (docs/ory-quirks.md#q22). Upstream's own preload leaves out those after it.
func (e *Engine) warm(ctx context.Context) {
	r := e.registry
	hdriver.CallRegistry(ctx, r)

	r.GetJWKSFetcherStrategy()
	r.AccessRequestHooks()
	r.GrantValidator()
	r.Kratos()
	r.Writer()
	r.OAuth2EnigmaStrategy()
	r.OAuth2HMACStrategy()
	r.OAuth2ProviderConfig()
	r.OAuth2AwareMiddleware()
	r.ClientHandler()
	r.KeyHandler()
	r.ConsentHandler()
	r.OAuth2Handler()
	r.HealthHandler()

	// Built apart from the logger we gave, with its own way to stderr (docs/ory-quirks.md#q23).
	ory.AdoptLogger(r.AuditLogger(), name, e.cfg.Log)
}
