package stack

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/janitor"
	"example.com/identityd/internal/store"
)

// janitorPoll is how often a process looks whether a run is due, and what others did.
const janitorPoll = time.Minute

// janitor cleans up when a run is due and nobody else does. What fails is tried again: an outage of the
// database is no reason to end the process.
func (s *Stack) janitor(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.booted:
	}
	e := s.current().shared
	if e.turns.db == nil { // in memory everything goes with the process
		<-ctx.Done()
		return nil
	}
	dbs, err := openDatabases(s.cfg)
	if err != nil {
		return wrap("opening the databases for the janitor", err)
	}
	defer dbs.close()
	s.metrics.watchJanitor()
	s.inner.janitorLooks(nil)
	defer s.inner.janitorStopped()
	for {
		cfg := s.now().cfg
		poll := janitorPoll
		if cfg.Janitor.Enabled {
			poll = min(cfg.Janitor.Interval/4, janitorPoll)
		}
		if store.Sleep(ctx, poll/2+rand.N(poll)) != nil {
			return nil
		}
		if cfg = s.now().cfg; !cfg.Janitor.Enabled {
			continue
		}
		jc := janitorConfig(cfg, dbs, s.log)
		if dbs.dialect == store.SQLite {
			jc.AroundHydra, jc.AroundKratos = e.serial[hydraName].Do, e.serial[kratosName].Do
		}
		j := janitor.New(jc)
		err := s.cleanWhenDue(ctx, j, e.turns)
		s.inner.janitorLooks(err)
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "the janitor was not done", "err", err)
		}
		if last, tables, err := j.Status(ctx, false); err == nil {
			s.metrics.janitor.set(last, tables)
		}
	}
}

// cleanWhenDue looks again once it has the lease: another process may just have finished.
func (s *Stack) cleanWhenDue(ctx context.Context, j *janitor.Janitor, t turns) (err error) {
	due, err := s.due(ctx, j)
	if !due || err != nil {
		return err
	}
	if t.leases == nil {
		return s.clean(ctx, j, 0)
	}
	lease, err := t.leases.TryAcquire(ctx, leaseJanitor)
	if lease == nil || err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lease.Release(context.WithoutCancel(ctx))) }()
	if due, err := s.due(ctx, j); !due || err != nil {
		return err
	}
	return s.clean(lease.Context(), j, lease.Fence())
}

func (s *Stack) due(ctx context.Context, j *janitor.Janitor) (bool, error) {
	last, err := j.Last(ctx)
	return time.Since(last.Ended) >= s.now().cfg.Janitor.Interval, err
}

func (s *Stack) clean(ctx context.Context, j *janitor.Janitor, fence int64) error {
	began := time.Now()
	removed, err := j.Run(ctx, fence)
	var rows int64
	for _, r := range removed {
		rows += r.Rows
	}
	level := slog.LevelDebug
	if rows > 0 {
		level = slog.LevelInfo
	}
	s.log.Log(ctx, level, "janitor removed rows", "count", rows, "duration", time.Since(began).Round(time.Millisecond).String())
	return err
}

// janitorConfig translates the words of janitor: and of what decides how long rows live.
func janitorConfig(cfg config.Config, dbs databases, log *slog.Logger) janitor.Config {
	keep := cfg.Janitor.Keep
	return janitor.Config{
		Hydra: dbs.hydra, Kratos: dbs.kratos, Dialect: dbs.dialect, Log: log,
		Batch: cfg.Janitor.Batch, RowsPerSecond: cfg.Janitor.RowsPerSecond,
		Limits: janitor.Limits{
			KeepSessions: keep.Sessions, KeepTokens: keep.Tokens, KeepFlows: keep.Flows,
			KeepAudit: cfg.Audit.Retention, KeepMail: keep.Mail, KeepErrors: keep.Errors,
			KeepClients: cfg.DynamicRegistration.Expiry,
			OldestToken: max(cfg.Tokens.Access, cfg.Tokens.Refresh),
			// Kratos hands its own lifespan to Hydra at every sign-in (kratos: hydra/hydra.go).
			Session: cfg.Session.Lifespan,
		},
	}
}
