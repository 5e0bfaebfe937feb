package hydra

import (
	"context"
	"fmt"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/hydra/v2/consent"
	hdriver "github.com/ory/hydra/v2/driver"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	"github.com/ory/hydra/v2/oauth2/trust"
	"github.com/ory/hydra/v2/persistence"
	"github.com/ory/x/httprouterx"
	"github.com/ory/x/httpx"
	prometheusx "github.com/ory/x/prometheusx"

	"example.com/identityd/internal/ory"
)

// outgoing is the registry with our way out instead of Hydra's, for every part that calls somebody: the
// addresses of keys, request objects and sectors that clients name, and the token hooks of the hydra: block.
// Hydra's own registry hands itself to those parts, so that they are made here (docs/ory-quirks.md#q91).
type outgoing struct {
	hdriver.Registry
	engine    *Engine
	validator *client.Validator
	keys      fosite.JWKSFetcherStrategy
	hooks     []hoauth2.AccessRequestHook
	clients   *client.Handler
	tokens    *hoauth2.Handler
	strategy  consent.Strategy
	consents  *consent.Handler
	// confirming is what login and consent know of the database.
	confirming consent.Manager
	// signing is nil where Hydra signs by itself.
	signing *signing
	// store is nil where upstream's reads are wanted.
	store *store
	// provider is nil until all have taken what they look for in fosite.
	provider fosite.OAuth2Provider
}

func (e *Engine) outgoing(r hdriver.Registry) (*outgoing, error) {
	o := &outgoing{Registry: r, engine: e}
	if !e.cfg.UpstreamReads {
		var err error
		if o.store, err = newStore(e, r.Persister()); err != nil {
			return nil, err
		}
	}
	o.confirming = confirming{r.ConsentManager(), e}
	o.validator = client.NewValidator(o)
	o.keys = fosite.NewDefaultJWKSFetcherStrategy(fosite.JWKSFetcherWithHTTPClientSource(o.client))
	// Ours first: what the hooks of the hydra: block say of a token comes on top, as it does at the sign-in.
	o.hooks = []hoauth2.AccessRequestHook{e.issue, hoauth2.RefreshTokenHook(o), hoauth2.TokenHook(o)}
	o.clients = client.NewHandler(o)
	o.tokens = hoauth2.NewHandler(o, r.Config())
	o.strategy = asking{consent.NewStrategy(o, r.Config()), e}
	o.consents = consent.NewHandler(o, r.Config())
	if !e.cfg.UpstreamKeys {
		var err error
		if o.signing, err = e.signing(o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Persister implements hydra's persistence.Provider.
func (o *outgoing) Persister() persistence.Persister {
	if o.store == nil {
		return o.Registry.Persister()
	}
	return o.store
}

// ClientManager implements hydra's client.Registry.
func (o *outgoing) ClientManager() client.Manager { return o.Persister() }

// ConsentManager implements hydra's consent.Registry.
func (o *outgoing) ConsentManager() consent.Manager { return o.confirming }

func (o *outgoing) client(context.Context) *retryablehttp.Client {
	return ory.Outgoing(o.engine.cfg.Outgoing)
}

// HTTPClient implements hydra's x.HTTPClientProvider.
func (o *outgoing) HTTPClient(ctx context.Context, _ ...httpx.ResilientOptions) *retryablehttp.Client {
	return o.client(ctx)
}

// PrometheusManager implements hydra's driver.Registry. Ours count (ory.HTTPMetrics), and upstream's would take
// their names (docs/ory-quirks.md#q45).
func (o *outgoing) PrometheusManager() *prometheusx.MetricsManager { return nil }

// ClientValidator implements hydra's client.Registry.
func (o *outgoing) ClientValidator() *client.Validator { return o.validator }

// GetJWKSFetcherStrategy implements hydra's driver.Registry.
func (o *outgoing) GetJWKSFetcherStrategy() fosite.JWKSFetcherStrategy { return o.keys }

// AccessRequestHooks implements hydra's oauth2.Registry.
func (o *outgoing) AccessRequestHooks() []hoauth2.AccessRequestHook { return o.hooks }

// ClientHandler implements hydra's driver.Registry.
func (o *outgoing) ClientHandler() *client.Handler { return o.clients }

// GrantManager implements hydra's trust.Registry.
func (o *outgoing) GrantManager() trust.GrantManager {
	return untrusting{o.Registry.GrantManager(), o.engine}
}

// OAuth2Handler implements hydra's driver.Registry.
func (o *outgoing) OAuth2Handler() *hoauth2.Handler { return o.tokens }

// ConsentStrategy implements hydra's consent.Registry.
func (o *outgoing) ConsentStrategy() consent.Strategy { return o.strategy }

// ConsentHandler implements hydra's driver.Registry.
func (o *outgoing) ConsentHandler() *consent.Handler { return o.consents }

// RegisterRoutes mirrors upstream's (hydra: driver/registry_sql.go), which would take the handlers of its own.
// The headers of CORS on the health routes are those of the chain around all of them.
func (o *outgoing) RegisterRoutes(_ context.Context, admin *httprouterx.RouterAdmin, public *httprouterx.RouterPublic) {
	o.HealthHandler().SetHealthRoutes(admin.Router, true)
	o.HealthHandler().SetVersionRoutes(admin.Router)
	o.HealthHandler().SetHealthRoutes(public.Router, false)
	o.ConsentHandler().SetRoutes(admin)
	o.KeyHandler().SetRoutes(admin, public, o.OAuth2AwareMiddleware())
	o.ClientHandler().SetRoutes(admin, public)
	o.OAuth2Handler().SetRoutes(admin, public, o.OAuth2AwareMiddleware())
	trust.NewHandler(o).SetRoutes(admin)
}

// fetchConfig is the way out of fosite, which asks its configuration.
type fetchConfig struct {
	fosite.Configurator
	out    *outgoing
	hasher fosite.Hasher
}

// GetHTTPClient implements fosite.HTTPClientProvider.
func (c fetchConfig) GetHTTPClient(ctx context.Context) *retryablehttp.Client {
	return c.out.client(ctx)
}

// GetJWKSFetcherStrategy implements fosite.JWKSFetcherStrategyProvider.
func (c fetchConfig) GetJWKSFetcherStrategy(context.Context) fosite.JWKSFetcherStrategy {
	return c.out.keys
}

// GetSecretsHasher implements fosite.GetSecretsHashingProvider.
func (c fetchConfig) GetSecretsHasher(context.Context) fosite.Hasher { return c.hasher }

// takeFetches puts fetchConfig where fosite looks.
func (e *Engine) takeFetches() error {
	f, ok := e.registry.OAuth2Provider().(*fosite.Fosite)
	if !ok {
		return fmt.Errorf("taking over the calls of fosite: the provider is a %T (docs/ory-quirks.md#q91)", e.registry.OAuth2Provider())
	}
	f.Config = fetchConfig{f.Config, e.registry, e.hasher()}
	return nil
}
