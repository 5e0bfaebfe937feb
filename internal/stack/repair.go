package stack

import (
	"context"
	"errors"
	"fmt"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ddl"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// Finding is a pending migration of which something is in the database already.
type Finding struct {
	Engine string `json:"engine"`
	ory.Step
	// Verdict is there when all of it is, so that it can be recorded.
	Verdict ddl.Verdict  `json:"verdict"`
	Effects []ddl.Effect `json:"effects"`
	// Recorded tells that it was.
	Recorded bool `json:"recorded"`
}

// Repairable reports whether the migration may be recorded as applied.
func (f Finding) Repairable() bool { return f.Verdict == ddl.There }

// Repair looks for migrations that ran without being recorded, as a crash leaves them on CockroachDB,
// where a change of the schema is not part of a transaction. Those whose whole effect is there are
// recorded when record says so, which is asked once with all findings; nil never does. It never changes
// anything else.
func Repair(
	ctx context.Context, cfg config.Config, opts Options, record func([]Finding) (bool, error),
) (found []Finding, err error) {
	err = reading(ctx, cfg, opts, func(ctx context.Context, s *Stack, e engines) error {
		if e.turns.db == nil || e.turns.dialect == store.SQLite {
			return errors.New("there is nothing to repair on SQLite: a migration and its record are one transaction there")
		}
		l, err := s.lookAt(ctx, e)
		if err != nil {
			return err
		}
		repair := func(ctx context.Context) error {
			if found, err = findUnrecorded(ctx, e); err != nil || record == nil || !repairable(found) {
				return err
			}
			if yes, err := record(found); err != nil || !yes {
				return err
			}
			return recordAll(ctx, e, found)
		}
		if l.own.Version == 0 {
			return repair(ctx) // there is no lease yet
		}
		// While somebody migrates, what is not recorded yet is no crash.
		return e.turns.alone(ctx, leaseStart, repair)
	})
	return found, err
}

func repairable(found []Finding) bool {
	for _, f := range found {
		if f.Repairable() {
			return true
		}
	}
	return false
}

// findUnrecorded checks the pending migrations of each engine up to the first that has not begun. Those
// are recorded in their order, so that nothing behind it can have run.
func findUnrecorded(ctx context.Context, e engines) ([]Finding, error) {
	var found []Finding
	for _, o := range e.owners() {
		m := o.Migrations()
		state, err := m.State(ctx)
		if err != nil {
			return nil, err
		}
		db, err := store.Open(e.dsn[m.Engine()], "")
		if err != nil {
			return nil, err
		}
		defer db.Close()
		for _, step := range state.Pending {
			text, err := m.SQL(step)
			if err != nil {
				return nil, err
			}
			effects, err := ddl.Check(ctx, db, text)
			if err != nil {
				return nil, fmt.Errorf("checking migration %s of %s: %w", step.Version, m.Engine(), err)
			}
			if ddl.Trivial(effects) {
				continue // it is run once more, whether it ran or not
			}
			f := Finding{Engine: m.Engine(), Step: step, Verdict: ddl.Whole(effects), Effects: effects}
			if f.Verdict == ddl.Missing {
				break
			}
			found = append(found, f)
			if f.Verdict != ddl.There {
				break
			}
		}
	}
	return found, nil
}

func recordAll(ctx context.Context, e engines, found []Finding) error {
	for i, f := range found {
		if !f.Repairable() {
			continue
		}
		for _, o := range e.owners() {
			if m := o.Migrations(); m.Engine() == f.Engine {
				if err := m.MarkApplied(ctx, f.Step); err != nil {
					return err
				}
				found[i].Recorded = true
			}
		}
	}
	return nil
}
