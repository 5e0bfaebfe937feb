package stack

import (
	"context"
	"fmt"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/supervisor"
)

// schemaPoll is how often a waiting process looks whether another has migrated.
const schemaPoll = 2 * time.Second

// migrator is an engine as far as its schema goes.
type migrator interface {
	SchemaState(ctx context.Context) (ory.SchemaState, error)
	Migrate(ctx context.Context) error
}

// settle brings the schema up to date, or waits for somebody to do it, as database.migrate says.
func (s *Stack) settle(ctx context.Context, engine string, m migrator, t turns) error {
	for first := true; ; first = false {
		state, err := m.SchemaState(ctx)
		if err != nil {
			return fmt.Errorf("migrating %s database: %w", engine, err)
		}
		switch {
		case state.Pending == 0:
			return nil
		case s.cfg.Database.Migrate == config.MigrateAuto,
			s.cfg.Database.Migrate == config.MigrateEmpty && state.Applied == 0:
			s.readiness.Starting("waiting for another process to finish its migrations")
			return t.alone(ctx, leaseMigrations, func(ctx context.Context) error { return s.migrate(ctx, engine, m) })
		case s.cfg.Database.Migrate == config.MigrateOff:
			return fmt.Errorf("the %s database lacks %d migrations and database.migrate is off; run identityd migrate",
				engine, state.Pending)
		}
		s.readiness.Starting(fmt.Sprintf("waiting for %d migrations of the %s database", state.Pending, engine))
		if first {
			s.log.WarnContext(ctx, "waiting for migrations; run identityd migrate",
				"engine", engine, "pending", state.Pending)
		}
		if err := pause(ctx, schemaPoll); err != nil {
			return err
		}
	}
}

// migrate looks again, now that nobody else does: another process may have been quicker.
func (s *Stack) migrate(ctx context.Context, engine string, m migrator) error {
	state, err := m.SchemaState(ctx)
	if err != nil {
		return fmt.Errorf("migrating %s database: %w", engine, err)
	}
	if state.Pending == 0 {
		return nil
	}
	s.readiness.Starting(fmt.Sprintf("migrating the %s database", engine))
	s.log.InfoContext(ctx, "migrating database", "engine", engine, "pending", state.Pending)
	began := time.Now()
	if err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating %s database: %w", engine, err)
	}
	s.log.InfoContext(ctx, "database migrated", "engine", engine,
		"applied", state.Pending, "duration", time.Since(began).Round(time.Millisecond).String())
	return nil
}

// pause waits for d, or returns the cause of the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Migrate applies the pending migrations of both databases and returns, whatever database.migrate
// says: it is the one-off job of a deployment. It binds nothing, so that it can run beside a serving
// process.
func Migrate(ctx context.Context, cfg config.Config, opts Options) error {
	cfg.Database.Migrate = config.MigrateAuto
	s := &Stack{
		cfg: cfg, opts: opts, log: opts.Log,
		readiness: supervisor.NewReadiness("migrating"),
		tracing:   ory.NewTracing(),
		urls:      unservedURLs(cfg.URLs),
	}
	var err error
	if s.claims, err = compileClaims(cfg.Claims, s.log); err != nil {
		return err
	}
	if s.keys, err = resolveKeys(ctx, cfg, s.log); err != nil {
		return err
	}
	var e engines
	err = await(ctx, func() (err error) { e, err = s.open(ctx); return err })
	if err != nil {
		return err
	}
	defer s.close(ctx, e)
	return s.settleBoth(ctx, e)
}

// unservedURLs fills in what derives from bound listeners when none is bound: the engines want URLs
// before they open a database.
func unservedURLs(u config.URLs) URLs {
	const unserved = "http://localhost"
	return URLs{
		UI: orElse(u.UI, unserved), Hydra: orElse(u.Hydra, unserved), Kratos: orElse(u.Kratos, unserved),
	}
}

func (s *Stack) settleBoth(ctx context.Context, e engines) error {
	if err := s.settle(ctx, "hydra", e.hydra, e.turns); err != nil {
		return err
	}
	return s.settle(ctx, "kratos", e.kratos, e.turns)
}
