package kratos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/gofrs/uuid"
	kdriver "github.com/ory/kratos/driver"
	kconfig "github.com/ory/kratos/driver/config"
	kpersistence "github.com/ory/kratos/persistence"
	"github.com/ory/x/sqlcon"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/ory"
)

const name = "kratos"

// Engine is Ory Kratos inside this process. Its life is Open, Migrate when needed, Start, Close.
type Engine struct {
	cfg      Config
	registry *kdriver.RegistryDefault
	network  *ory.Network
	serial   *ory.Serializer
	mails    sync.Map // of what is to be told what came of a mail, by its id
	gate     *ory.Gate
	ceiling  *ory.Ceiling
	pace     *pace
	jsonnet  *ory.Jsonnet
	// nobodys is a hash as those of people are made, for who is not known.
	nobodys []byte
	public  http.Handler
	admin   http.Handler
	metrics *ory.HTTPMetrics
	// scripts answers CORS for scripts of other origins on the public interface.
	scripts func(http.Handler) http.Handler

	migrations *ory.Migrations
}

// Open checks the settings against Kratos' own schema and opens its database, which has to answer
// already: Kratos retries for five minutes with a deaf ear to ctx and leaks a pool each time
// (docs/ory-quirks.md#q6).
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{cfg: cfg, network: &ory.Network{}, jsonnet: ory.NewJsonnet(), gate: ory.NewGate(cfg.MaxRequests), pace: newPace()}
	ory.WatchHashes()
	if e.serial = cfg.Serial; cfg.SerializeWrites && e.serial == nil {
		e.serial = ory.NewSerializer()
	}
	err := ory.Guard(name, func() error {
		l := ory.NewLogger(name, kconfig.Version, cfg.Log)
		c, err := kconfig.New(ctx, l, io.Discard, e.network, values(cfg).Options()...)
		if err != nil {
			return fmt.Errorf("checking settings: %w", ory.ExplainSettings(name, err))
		}
		// Not through dbal's global list of drivers (docs/ory-quirks.md#q15).
		r := kdriver.NewRegistryDefault()
		r.WithLogger(l)
		r.WithConfig(c)
		r.SetTracer(cfg.Tracing.Otelx(name))
		r.WithHydra(e.hydra(r))
		r.WithJsonnetVMProvider(e.jsonnet)
		r.WithHooks(e.hooks(r))
		hidden := new(ory.Curtain)
		err = r.Init(ctx, e.network, kdriver.SkipNetworkInit, kdriver.WithDisabledMigrationLogging(),
			kdriver.WithReplaceStrategies(e.strategies()...), kdriver.WithExtraMigrations(hidden))
		if err != nil {
			return fmt.Errorf("opening database: %w", err)
		}
		hidden.Draw()
		e.registry = r
		if cfg.Hashes.Cores > 0 {
			e.ceiling = ory.NewCeiling(cfg.Hashes.At(uint64(c.HasherArgon2(ctx).Memory)), hashPatience)
		}
		return e.readMigrations(ctx)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// CheckSettings says what Kratos' own schema, and the identity schemas, refuse, without opening
// anything.
func CheckSettings(ctx context.Context, cfg Config) error {
	return ory.Guard(name, func() error {
		l := ory.NewLogger(name, kconfig.Version, cfg.Log)
		_, err := kconfig.New(ctx, l, io.Discard, &ory.Network{}, values(cfg).Options()...)
		return ory.ExplainSettings(name, err)
	})
}

// HashMemory returns the bytes that hashing one password takes.
func HashMemory(ctx context.Context, cfg Config) (each uint64, err error) {
	err = ory.Guard(name, func() error {
		c, err := kconfig.New(ctx, ory.NewLogger(name, kconfig.Version, cfg.Log), io.Discard, &ory.Network{}, values(cfg).Options()...)
		if err != nil {
			return ory.ExplainSettings(name, err)
		}
		each = uint64(c.HasherArgon2(ctx).Memory)
		return nil
	})
	return each, err
}

// Found makes the tenant's row, which all processes share, unless it is there. The database has to be
// migrated.
func (e *Engine) Found(ctx context.Context) error {
	return ory.Guard(name, func() error {
		n, err := e.registry.Persister().DetermineNetwork(ctx)
		if err != nil {
			return fmt.Errorf("determining network: %w", err)
		}
		e.network.Set(n.ID)
		p := kpersistence.Persister(faults{e.registry.Persister().WithNetworkID(n.ID), e.cfg.Queued})
		if !e.cfg.Eager {
			p = newAtOnce(p, e.registry)
		}
		if !e.cfg.UnjudgedPeople {
			p = people{p}
		}
		if e.cfg.Endings != nil {
			p = endings{p, e.cfg.Endings, e.cfg.Note}
		}
		if e.cfg.Offboarding != nil {
			p = offboarding{p, e.cfg.Offboarding}
		}
		if e.cfg.Hooks != nil {
			p = notes{p, e}
		}
		if e.cfg.Counted != nil {
			p = tallied{p, e.cfg.Counted}
		}
		e.registry.SetPersister(passing{invited{p, e}})
		return nil
	})
}

// Start is Found, calls every lazy getter and builds the handlers.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.Found(ctx); err != nil {
		return err
	}
	return ory.Guard(name, func() error {
		var err error
		if e.nobodys, err = e.nobodysHash(ctx); err != nil {
			return err
		}
		e.metrics, err = ory.NewHTTPMetrics(prometheus.DefaultRegisterer, ory.Build{App: name})
		if err != nil {
			return fmt.Errorf("registering metrics: %w", err)
		}
		// The CSRF handler comes first: other getters read it and panic without it (docs/ory-quirks.md#q12).
		e.buildHandlers(ctx)
		if err := e.warm(ctx); err != nil {
			return err
		}
		return e.takeBreachCheck()
	})
}

// Public returns the handler of the public API: self-service flows, sessions.
func (e *Engine) Public() http.Handler { return e.public }

// Admin returns the handler of the admin API, which is wholly unauthenticated.
func (e *Engine) Admin() http.Handler { return e.admin }

// Ping asks the database for a sign of life. Kratos' own pings without a context
// (kratos: persistence/sql/persister.go).
func (e *Engine) Ping(ctx context.Context) error {
	return e.registry.Persister().GetConnection(ctx).Store.SQLDB().PingContext(ctx)
}

// Abandoned returns how many Jsonnet evaluations were abandoned since the start.
func (e *Engine) Abandoned() int64 { return e.jsonnet.Abandoned() }

// DisableSession ends one session by its id. A session that is already gone is no error.
func (e *Engine) DisableSession(ctx context.Context, id string) error {
	sid, err := uuid.FromString(id)
	if err != nil {
		return fmt.Errorf("reading session id: %w", err)
	}
	var revoke error
	if !e.serial.Do(ctx, func() { revoke = e.registry.SessionPersister().RevokeSessionById(ctx, sid) }) {
		revoke = ctx.Err()
	}
	if revoke != nil && !errors.Is(revoke, sqlcon.ErrNoRows) {
		return fmt.Errorf("ending kratos session: %w", revoke)
	}
	return nil
}

// Alone runs f while no request that may write is inside, where writes go one at a time
// (docs/ory-quirks.md#q24). It reports false when ctx ended first.
func (e *Engine) Alone(ctx context.Context, f func()) bool { return e.serial.Do(ctx, f) }

// Hashing says how many passwords are and were hashed.
func (e *Engine) Hashing() ory.CeilingStats { return e.ceiling.Stats() }

// DB returns the pool of connections, for its statistics.
func (e *Engine) DB() *sql.DB {
	return e.registry.Persister().GetConnection(context.Background()).Store.SQLDB()
}

// Close closes the database connections, and what would outlive the engine.
func (e *Engine) Close() error {
	err := errors.Join(
		ory.CloseCache(e.registry, "passwordValidator", "hashes"),
		ory.CloseCache(e.registry, "sessionTokenizer", "cache"),
		ory.CloseCache(e.registry, "jwkFetcher", "cache"),
	)
	if closing := e.registry.Persister().Close(context.Background()); closing != nil {
		err = errors.Join(err, fmt.Errorf("closing kratos database: %w", closing))
	}
	return err
}
