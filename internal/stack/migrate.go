package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/supervisor"
)

// migrate applies what both engines lack. The caller holds the lease.
func (s *Stack) migrate(ctx context.Context, e engines, l look) error {
	p := s.newProgress(l)
	defer p.watch(ctx)()
	for _, o := range e.owners() {
		m := o.Migrations()
		pending := len(l.engines[m.Engine()].Pending)
		if pending == 0 {
			continue
		}
		dsn, err := store.MigratingDSN(ctx, e.dsn[m.Engine()], s.log)
		if err != nil {
			return fmt.Errorf("migrating %s database: %w", m.Engine(), err)
		}
		began := time.Now()
		m.Baseline = s.fromBaseline(m, dsn.Dialect(), func(applied int) {
			pending -= applied
			p.skip(applied)
		})
		say := sync.OnceFunc(func() {
			began = time.Now()
			s.log.InfoContext(ctx, "migrating database", "engine", m.Engine(), "pending", pending)
		})
		err = m.Up(ctx, dsn.Reveal(), func(step ory.Step) {
			say()
			p.at(m.Engine(), step.Version+"_"+step.Name)
		})
		if err != nil {
			return fmt.Errorf("migrating %s database: %w", m.Engine(), err)
		}
		p.finished(m.Engine())
		if pending == 0 {
			continue // the baseline was enough
		}
		s.log.InfoContext(ctx, "database migrated", "engine", m.Engine(),
			"applied", pending, "duration", time.Since(began).Round(time.Millisecond).String())
	}
	return nil
}

// Migrate applies the pending migrations of both databases, makes the tenants and the signing keys, and
// returns, whatever database.migrate says: it is the one-off job of a deployment. It binds nothing, so
// that it can run beside a serving process.
func Migrate(ctx context.Context, cfg config.Config, opts Options) error {
	cfg.Database.Migrate = config.MigrateAuto
	return job(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		return s.settle(ctx, e, func(ctx context.Context) error {
			// Not only on the day of the first start: an installation that only ever migrates by this job has
			// its keys made by a user who need not be the one that serves.
			return errors.Join(wrap("starting hydra", e.hydra.Found(ctx)), wrap("starting kratos", e.kratos.Found(ctx)))
		})
	})
}

// job runs f on the databases, without listeners.
func job(ctx context.Context, cfg config.Config, opts Options, f func(context.Context, *Stack, engines) error) error {
	k, err := resolveKeys(ctx, cfg, opts.Log)
	if err != nil {
		return err
	}
	return jobWith(ctx, cfg, opts, k, f)
}

func jobWith(ctx context.Context, cfg config.Config, opts Options, k keys, f func(context.Context, *Stack, engines) error) error {
	s := &Stack{
		cfg: cfg, opts: opts, log: opts.Log, keys: k,
		readiness: supervisor.NewReadiness("migrating"),
		metrics:   newMetrics(opts.Version),
		tracing:   ory.NewTracing(ory.Watch{}),
		urls:      unservedURLs(cfg),
	}
	var err error
	if s.texts, err = offer(cfg.UI); err != nil {
		return err
	}
	if s.claims, err = compileClaims(cfg.Claims, s.log); err != nil {
		return err
	}
	var p *pair
	err = await(ctx, func() (err error) { p, err = s.open(ctx); return err })
	if err != nil {
		return err
	}
	defer s.close(ctx, p)
	return f(ctx, s, p.engines)
}

// unservedURLs fills in what derives from bound listeners when none is bound: the engines want URLs
// before they open a database.
func unservedURLs(cfg config.Config) URLs {
	const unserved = "http://localhost"
	at := func(written string) string { return orElse(orElse(cfg.Origin, written), unserved) }
	u := URLs{Hydra: at(cfg.URLs.Hydra)}
	u.UI, u.Kratos = strings.TrimRight(at(cfg.URLs.UI), "/"), strings.TrimRight(at(cfg.URLs.Kratos), "/")
	// Where that cannot be told, serving says why.
	_ = u.scopeCookies(cfg)
	return u
}
