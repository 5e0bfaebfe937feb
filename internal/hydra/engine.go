package hydra

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	hdriver "github.com/ory/hydra/v2/driver"
	hconfig "github.com/ory/hydra/v2/driver/config"
	kratosclient "github.com/ory/kratos-client-go"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/ory"
)

const name = "hydra"

// Engine is Ory Hydra inside this process. Its life is Open, Migrate when needed, Start, Close.
type Engine struct {
	cfg      Config
	registry *outgoing
	network  *ory.Network
	serial   *ory.Serializer
	gate     *ory.Gate
	ceiling  *ory.Ceiling
	// secrets remembers which secrets matched; nil where that is switched off.
	secrets *verified
	public  http.Handler
	admin   http.Handler
	metrics *ory.HTTPMetrics
	// origins are those of all clients.
	origins *crossorigin.Known
	// scripts answers CORS for scripts of other origins on the public interface.
	scripts func(http.Handler) http.Handler
	// leaving is how sessions end; it is there once the handlers are.
	leaving *logoutStrategy

	migrations *ory.Migrations
}

// Open checks the settings against Hydra's own schema and opens its database, which has to answer
// already: Hydra retries for five minutes with a deaf ear to ctx (docs/ory-quirks.md#q6).
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{cfg: cfg, network: &ory.Network{}, gate: ory.NewGate(cfg.MaxRequests)}
	e.origins = crossorigin.NewKnown(cfg.Log, e.clientOrigins)
	if e.serial = cfg.Serial; cfg.SerializeWrites && e.serial == nil {
		e.serial = ory.NewSerializer()
	}
	if cfg.Hashes > 0 {
		ory.WatchHashes()
		e.ceiling = ory.NewCeiling(cfg.Hashes, 0)
	}
	err := ory.Guard(name, func() error {
		l := ory.NewLogger(name, hconfig.Version, cfg.Log)
		c, err := hconfig.New(ctx, l, values(cfg).Options()...)
		if err != nil {
			return fmt.Errorf("checking settings: %w", ory.ExplainSettings(name, err))
		}
		// NewRegistryWithoutInit does not, though driver.New does.
		if err := hconfig.Validate(ctx, l, c); err != nil {
			return fmt.Errorf("checking settings: %w", err)
		}
		r, err := hdriver.NewRegistryWithoutInit(c, l)
		if err != nil {
			return fmt.Errorf("building registry: %w", err)
		}
		r.WithTracer(cfg.Tracing.Tracer(name))
		r.WithKratos(sessions{cfg.Sessions})
		// Never drawn: Hydra's files can be had without its list (docs/ory-quirks.md#q135).
		if err := r.Init(ctx, true, false, e.network, []fs.FS{new(ory.Curtain)}, nil); err != nil {
			return fmt.Errorf("opening database: %w", err)
		}
		if e.registry, err = e.outgoing(r); err != nil {
			return err
		}
		if !cfg.ForgottenSecrets {
			e.secrets = newVerified(r.ClientHasher())
		}
		return e.readMigrations(ctx)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// CheckSettings says what Hydra's own schema refuses, without opening anything.
func CheckSettings(ctx context.Context, cfg Config) error {
	return ory.Guard(name, func() error {
		l := ory.NewLogger(name, hconfig.Version, cfg.Log)
		_, err := hconfig.New(ctx, l, values(cfg).Options()...)
		return ory.ExplainSettings(name, err)
	})
}

// Found makes what all processes share, unless it is there: the tenant's row and the signing keys. The
// database has to be migrated.
func (e *Engine) Found(ctx context.Context) error {
	return ory.Guard(name, func() error {
		n, err := e.registry.Persister().DetermineNetwork(ctx)
		if err != nil {
			return fmt.Errorf("determining network: %w", err)
		}
		e.network.Set(n.ID)
		if e.metrics, err = ory.NewHTTPMetrics(prometheus.DefaultRegisterer, ory.Build{
			App: name, Version: hconfig.Version, Hash: hconfig.Commit, Date: hconfig.Date,
		}); err != nil {
			return fmt.Errorf("registering metrics: %w", err)
		}
		// Before the keys, which are made side by side and would race in the getters.
		e.warm(ctx)
		return e.makeKeys(ctx)
	})
}

// Start is Found, and builds the handlers.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.Found(ctx); err != nil {
		return err
	}
	return ory.Guard(name, func() error {
		if err := e.takeSignatures(ctx); err != nil {
			return err
		}
		if err := e.takeStorage(ctx); err != nil {
			return err
		}
		if err := e.guardRevocations(ctx); err != nil {
			return err
		}
		e.silence(ctx)
		if err := e.takeFetches(); err != nil {
			return err
		}
		if err := e.takeFormPost(); err != nil {
			return err
		}
		if err := e.identify(); err != nil {
			return err
		}
		e.buildHandlers(ctx)
		return nil
	})
}

// Public returns the handler of the public API: authorization, tokens, discovery.
func (e *Engine) Public() http.Handler { return e.public }

// Admin returns the handler of the admin API, which is wholly unauthenticated.
func (e *Engine) Admin() http.Handler { return e.admin }

// Ping asks the database for a sign of life.
func (e *Engine) Ping(ctx context.Context) error { return e.registry.Persister().Ping(ctx) }

// Alone runs f while no request that may write is inside, where writes go one at a time
// (docs/ory-quirks.md#q24). It reports false when ctx ended first.
func (e *Engine) Alone(ctx context.Context, f func()) bool { return e.serial.Do(ctx, f) }

// Hashing says how many secrets are and were hashed.
func (e *Engine) Hashing() ory.CeilingStats { return e.ceiling.Stats() }

// DB returns the pool of connections, for its statistics.
func (e *Engine) DB() *sql.DB {
	return e.registry.Persister().Connection(context.Background()).Store.SQLDB()
}

// Close closes the database connections, and what would outlive the engine.
func (e *Engine) Close() error {
	err := ory.CloseCache(e.registry.keys, "cache")
	c := e.registry.Persister().Connection(context.Background())
	if c == nil {
		return err
	}
	if closing := c.Close(); closing != nil {
		err = errors.Join(err, fmt.Errorf("closing hydra database: %w", closing))
	}
	return err
}

// sessions is what Hydra knows of Kratos (hydra: internal/kratos, which cannot be imported but is
// satisfied by its method set).
type sessions struct{ SessionDisabler }

// DisableSession ends the session of Kratos that one of Hydra's came of, if it came of one.
func (s sessions) DisableSession(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	return s.SessionDisabler.DisableSession(ctx, id)
}

// errPasswordGrant answers the resource owner password grant (RFC 6749 section 4.3), which OAuth 2.1
// removed and which would hand the person's password to the application.
var errPasswordGrant = errors.New("the resource owner password grant is not supported")

// Authenticate refuses the resource owner password grant.
func (sessions) Authenticate(context.Context, string, string) (*kratosclient.Session, error) {
	return nil, errPasswordGrant
}
