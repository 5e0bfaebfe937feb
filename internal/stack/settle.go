package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/store"
)

// schemaPoll is how often a waiting process looks whether another has migrated.
const schemaPoll = 2 * time.Second

// errOthersTurn ends a turn in which this process turned out not to be allowed to do what is missing.
var errOthersTurn = errors.New("another process has to migrate")

// settle brings both databases up to date as database.migrate says, or waits for somebody to do it, and
// then runs first. Both happen under one lease: migrations of Hydra and of Kratos, the tenants' rows and
// the keys are made by one process, and those who wait find all of it (docs/ory-quirks.md#q31).
func (s *Stack) settle(ctx context.Context, e engines, first func(context.Context) error) error {
	said := ""
	for {
		l, err := s.lookAt(ctx, e)
		if err != nil {
			return err
		}
		if err := l.guard(s.opts.Version); err != nil {
			return err
		}
		err = errOthersTurn
		if s.mayGoOn(l) {
			err = s.takeTurn(ctx, e, l, first)
		}
		switch {
		case errors.Is(err, errOthersTurn):
		case store.Forbidden(err) && l.pending() > 0 && s.cfg.Database.Migrate == config.MigrateEmpty:
			// The serving role has no right to create tables, as it should be.
			s.log.DebugContext(ctx, "this database user may not migrate", "err", err)
		case store.Forbidden(err) && l.pending() > 0:
			return withCode("schema_not_current", fmt.Errorf("the database user may not migrate: %w; %s", err,
				"run identityd migrate as a user who may, and set database.migrate to wait here"))
		default:
			return err
		}
		if s.cfg.Database.Migrate == config.MigrateOff {
			return fmt.Errorf("%s and database.migrate is off; run identityd migrate", l.lacks())
		}
		reason := l.lacks() + "; run identityd migrate"
		s.waiting(reason)
		if reason != said {
			said = reason
			s.log.WarnContext(ctx, "waiting for migrations; run identityd migrate", "pending", l.pending(), "reason", l.lacks())
		}
		if err := store.Sleep(ctx, schemaPoll); err != nil {
			return err
		}
	}
}

// mayGoOn reports whether nothing is missing, or whether this process may see to it.
func (s *Stack) mayGoOn(l look) bool {
	switch {
	case l.pending() == 0, l.private:
		return true
	case l.own.Newer():
		return false // a newer release is at it
	}
	return s.cfg.Database.Migrate == config.MigrateAuto || s.cfg.Database.Migrate == config.MigrateEmpty && !l.used
}

// takeTurn does what is missing and runs first, alone.
func (s *Stack) takeTurn(ctx context.Context, e engines, l look, first func(context.Context) error) error {
	if l.own.Pending() > 0 && e.turns.db != nil {
		// Ahead of the lease, whose table is among them, and safe in many processes at once. Older
		// processes learn from these rows what they may still do, before anything changes.
		if err := store.MigrateOwnAs(ctx, e.turns.db, e.turns.dialect, s.opts.Version); err != nil {
			return fmt.Errorf("making the tables of identityd: %w", err)
		}
	}
	s.waiting("waiting for another process to finish its start")
	return e.turns.alone(ctx, leaseStart, func(ctx context.Context) error {
		// Again, now that nobody else does: another process may have been quicker, or newer.
		l, err := s.lookAt(ctx, e)
		if err == nil {
			err = l.guard(s.opts.Version)
		}
		if err != nil {
			return err
		}
		if !s.mayGoOn(l) {
			return errOthersTurn
		}
		if err := s.migrate(ctx, e, l); err != nil {
			return err
		}
		return first(ctx)
	})
}
