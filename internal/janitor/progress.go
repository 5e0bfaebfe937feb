package janitor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// ErrFenced says that a later holder of the lease has begun, so that this one has to stop.
var ErrFenced = errors.New("another process cleans up now")

// runRow is the name of the row of identityd_janitor that stands for the whole run. The others are
// named after their tables.
const runRow = ""

// begin writes down that a run has begun, unless a later holder of the lease did. Without a lease, on
// SQLite, the row gives out the fence: whoever begins last goes on, and the others stop.
func (j *Janitor) begin(ctx context.Context, fence int64) (int64, error) {
	next, where := "excluded.fence", " WHERE identityd_janitor.fence <= excluded.fence"
	if fence == 0 {
		fence, next, where = 1, "identityd_janitor.fence + 1", ""
	}
	now := j.cfg.Now().UnixMilli()
	err := j.note(ctx, func(tx *sql.Tx) error {
		given := fence
		err := tx.QueryRowContext(ctx, "INSERT INTO identityd_janitor (name, fence, began_ms) VALUES ("+
			j.bind(1)+", "+j.bind(2)+", "+j.bind(3)+") ON CONFLICT (name) DO UPDATE SET fence = "+next+
			", began_ms = excluded.began_ms"+where+" RETURNING fence", runRow, given, now).Scan(&given)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrFenced
		}
		if err == nil {
			fence = given
		}
		return err
	})
	return fence, err
}

// admit refuses a batch when a later holder has begun. It is a write, so that the two cannot both
// believe to be alone: the row is theirs in turn.
func admit(ctx context.Context, tx *sql.Tx, j *Janitor, fence int64) error {
	return fenced(tx.ExecContext(ctx, "UPDATE identityd_janitor SET fence = "+j.bind(1)+
		" WHERE name = "+j.bind(2)+" AND fence <= "+j.bind(3), fence, runRow, fence))
}

// noteBacklogs writes down how much there is to do.
func (j *Janitor) noteBacklogs(ctx context.Context, fence int64) error {
	for _, t := range tables() {
		n, _, err := j.backlog(ctx, t)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", t.name, err)
		}
		err = j.note(ctx, func(tx *sql.Tx) error {
			if err := admit(ctx, tx, j, fence); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO identityd_janitor (name, fence, backlog) VALUES ("+
				j.bind(1)+", "+j.bind(2)+", "+j.bind(3)+") ON CONFLICT (name) DO UPDATE SET backlog = excluded.backlog",
				t.name, fence, n)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// noteTable writes down what one table gave. Nothing that was dead when it began is left.
func (j *Janitor) noteTable(ctx context.Context, fence int64, r Removed) error {
	now := j.cfg.Now()
	return j.note(ctx, func(tx *sql.Tx) error {
		if err := admit(ctx, tx, j, fence); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO identityd_janitor (name, fence, began_ms, ended_ms, removed, removed_ever)"+
			" VALUES ("+j.bind(1)+", "+j.bind(2)+", "+j.bind(3)+", "+j.bind(4)+", "+j.bind(5)+", "+j.bind(6)+")"+
			" ON CONFLICT (name) DO UPDATE SET fence = excluded.fence, began_ms = excluded.began_ms,"+
			" ended_ms = excluded.ended_ms, backlog = 0, removed = excluded.removed,"+
			" removed_ever = identityd_janitor.removed_ever + excluded.removed",
			r.Table, fence, now.Add(-r.Took).UnixMilli(), now.UnixMilli(), r.Rows, r.Rows)
		return err
	})
}

// finish writes down that the run has ended.
func (j *Janitor) finish(ctx context.Context, fence int64) error {
	return j.note(ctx, func(tx *sql.Tx) error {
		return fenced(tx.ExecContext(ctx, "UPDATE identityd_janitor SET ended_ms = "+j.bind(1)+
			" WHERE name = "+j.bind(2)+" AND fence = "+j.bind(3), j.cfg.Now().UnixMilli(), runRow, fence))
	})
}

func (j *Janitor) note(ctx context.Context, f func(*sql.Tx) error) error {
	err := j.around(ctx, inKratos, func() error { return store.Tx(ctx, j.cfg.Kratos, j.cfg.Dialect, f) })
	if err != nil {
		return fmt.Errorf("writing down the progress: %w", err)
	}
	return nil
}

// bind is the placeholder of an argument by its number.
func (j *Janitor) bind(n int) string {
	c := clause{dialect: j.cfg.Dialect, args: make([]any, n-1)}
	return c.arg(nil)
}

func fenced(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		return ErrFenced
	}
	return err
}

// LastRun is when the latest run began and ended; zero times say that there was none, or that it has
// not ended.
type LastRun struct{ Began, Ended time.Time }

// Last reads when the latest run was.
func (j *Janitor) Last(ctx context.Context) (LastRun, error) {
	var began, ended int64
	err := j.cfg.Kratos.QueryRowContext(ctx, "SELECT began_ms, ended_ms FROM identityd_janitor WHERE name = "+j.bind(1), runRow).
		Scan(&began, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return LastRun{}, nil
	}
	if err != nil {
		return LastRun{}, fmt.Errorf("reading the last run: %w", err)
	}
	return LastRun{Began: instant(began), Ended: instant(ended)}, nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
