package hydra

import (
	"context"
	"fmt"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/fosite"
	foauth2 "github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/handler/pkce"
	"github.com/ory/fosite/storage"
	"github.com/ory/hydra/v2/client"
	"github.com/ory/hydra/v2/persistence"
)

// store is Hydra's persister where it reads clients, tokens and codes: the same answers with fewer statements
// (docs/ory-quirks.md#q115), and where it stores tokens. All that it does not name is upstream's.
type store struct {
	persistence.Persister
	storage.Transactional // fosite looks for it

	engine  *Engine
	clients clientReader
	rows    sessionQueries
	inserts tokenInserts
}

func newStore(e *Engine, p persistence.Persister) (*store, error) {
	tx, ok := p.(storage.Transactional)
	if !ok {
		return nil, fmt.Errorf("taking over the storage: %T begins no transactions (docs/ory-quirks.md#q115)", p)
	}
	s := &store{Persister: p, Transactional: tx, engine: e}
	c := p.Connection(context.Background())
	s.clients = newClientReader(c)
	s.rows = newSessionQueries(c, s.clients.digest != "")
	s.inserts = newTokenInserts(c)
	return s, nil
}

// fositeParts are five handlers of the token endpoint, those of introspection and revocation, and fosite itself.
const fositeParts = 8

// takeStorage puts it where fosite reads. The lists are those that fosite reads; nothing is served yet.
func (e *Engine) takeStorage(ctx context.Context) error {
	s := e.registry.store
	if s == nil {
		return nil
	}
	cfg := e.registry.OAuth2ProviderConfig()
	taken := 0
	tokens := cfg.GetTokenEndpointHandlers(ctx)
	for i, h := range tokens {
		switch h := h.(type) {
		case *foauth2.AuthorizeExplicitGrantHandler:
			h.CoreStorage, h.TokenRevocationStorage = s, s
		case *foauth2.RefreshTokenGrantHandler:
			h.TokenRevocationStorage = s
		case *openid.OpenIDConnectExplicitHandler:
			h.OpenIDConnectRequestStorage = s
		case *pkce.Handler:
			h.Storage = s
			tokens[i] = oneVerifier{h, s}
		case *foauth2.ClientCredentialsGrantHandler:
			h.AccessTokenStorage = s
			tokens[i] = solo{h}
		default:
			continue
		}
		taken++
	}
	for _, h := range cfg.GetTokenIntrospectionHandlers(ctx) {
		if h, ok := h.(*foauth2.CoreValidator); ok {
			h.CoreStorage = s
			taken++
		}
	}
	for _, h := range cfg.GetRevocationHandlers(ctx) {
		if h, ok := h.(*foauth2.TokenRevocationHandler); ok {
			h.TokenRevocationStorage = s
			taken++
		}
	}
	f, ok := e.registry.OAuth2Provider().(*fosite.Fosite)
	if ok {
		f.Store = s
		taken++
	}
	if taken != fositeParts {
		return fmt.Errorf("taking over the storage: got %d parts of fosite, want %d (docs/ory-quirks.md#q115)", taken, fositeParts)
	}
	return nil
}

// Transaction implements persistence.Persister. A single INSERT is a transaction by itself (docs/ory-quirks.md#q117): without BEGIN and
// COMMIT it is one round trip instead of three, and what repeats statements (internal/sqlseam) repeats it.
func (s *store) Transaction(ctx context.Context, f func(ctx context.Context, c *pop.Connection) error) error {
	if visitOf(ctx).takeSolo() {
		return f(ctx, s.Connection(ctx))
	}
	return s.Persister.Transaction(ctx, f)
}

// solo notes a grant that stores one row: an application asked for itself.
type solo struct {
	*foauth2.ClientCredentialsGrantHandler
}

// HandleTokenEndpointRequest implements fosite.TokenEndpointHandler.
func (h solo) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	err := h.ClientCredentialsGrantHandler.HandleTokenEndpointRequest(ctx, r)
	if err == nil {
		visitOf(ctx).goSolo()
	}
	return err
}

// CreateClient implements client.Manager.
func (s *store) CreateClient(ctx context.Context, c *client.Client) error {
	defer s.changedClient(ctx)
	return s.Persister.CreateClient(ctx, c)
}

// UpdateClient implements client.Manager.
func (s *store) UpdateClient(ctx context.Context, c *client.Client) error {
	defer s.changedClient(ctx)
	return s.Persister.UpdateClient(ctx, c)
}

// DeleteClient implements client.Manager.
func (s *store) DeleteClient(ctx context.Context, id string) error {
	defer s.changedClient(ctx)
	return s.Persister.DeleteClient(ctx, id)
}

// changedClient forgets what was read of clients before.
func (s *store) changedClient(ctx context.Context) {
	visitOf(ctx).forgetClients()
	s.engine.origins.Changed()
}
