package stack

import (
	"context"
	"database/sql"
	"time"

	"example.com/identityd/internal/baseline"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
)

// fromBaseline returns what makes an empty database of the engine at once, or nil where nothing was
// built in that could. The migrations go on where it ends; made is told how many it stands for.
func (s *Stack) fromBaseline(m *ory.Migrations, d store.Dialect, made func(applied int)) func(context.Context, *sql.DB) (bool, error) {
	b, ok := baseline.For(m.Engine(), d)
	if !ok {
		return nil
	}
	return func(ctx context.Context, db *sql.DB) (bool, error) {
		s.waiting("making the " + m.Engine() + " database from the baseline")
		began := time.Now()
		done, err := b.Apply(ctx, db)
		if err != nil || !done {
			return false, err
		}
		state, err := m.State(ctx)
		if err != nil {
			return false, err
		}
		made(state.Applied)
		s.log.InfoContext(ctx, "database made from the baseline", "engine", m.Engine(),
			"applied", state.Applied, "duration", time.Since(began).Round(time.Millisecond).String())
		return true, nil
	}
}
