package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"example.com/identityd/internal/hooks"
)

// Hooks are the messages to receivers of hooks that wait, or were given up.
type Hooks struct {
	db      *sql.DB
	dialect Dialect
}

var _ hooks.Rows = (*Hooks)(nil)

// NewHooks returns those of a database that MigrateOwn has brought up to date.
func NewHooks(db *sql.DB, d Dialect) *Hooks { return &Hooks{db, d} }

const addHook = `INSERT INTO identityd_hook_outbox (id, hook, event, subject, body, noted_ms, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`

func addedHook(m hooks.Waiting) []any {
	return []any{m.ID, m.Hook, string(m.Event), m.Subject, string(m.Body), m.Noted.UnixMilli(), m.Due.UnixMilli()}
}

// Note implements hooks.Rows. It needs no pool of its own: the statement runs where the change is made.
func (*Hooks) Note(exec hooks.Exec, m hooks.Waiting) error { return exec(addHook, addedHook(m)...) }

// Add implements hooks.Rows.
func (h *Hooks) Add(ctx context.Context, m hooks.Waiting) error {
	_, err := h.exec(ctx, numbered(addHook), addedHook(m)...)
	return err
}

const hookColumns = "id, hook, event, subject, body, noted_ms, due_ms, attempts, ended_ms, reason"

// Due implements hooks.Rows.
func (h *Hooks) Due(ctx context.Context, now time.Time, limit int) ([]hooks.Waiting, error) {
	return h.read(ctx, "WHERE ended_ms = 0 AND due_ms <= $1 ORDER BY due_ms LIMIT $2", now.UnixMilli(), limit)
}

// Counts implements hooks.Rows.
func (h *Hooks) Counts(ctx context.Context) (out []hooks.Count, err error) {
	rows, err := h.db.QueryContext(ctx, `SELECT hook, count(*), sum(CASE WHEN ended_ms > 0 THEN 1 ELSE 0 END)
		FROM identityd_hook_outbox GROUP BY hook ORDER BY hook`)
	if err != nil {
		return nil, fmt.Errorf("counting messages of hooks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c hooks.Count
		all := 0
		if err := rows.Scan(&c.Hook, &all, &c.Dead); err != nil {
			return nil, fmt.Errorf("counting messages of hooks: %w", err)
		}
		c.Waiting = all - c.Dead
		out = append(out, c)
	}
	return out, rows.Err()
}

func (h *Hooks) read(ctx context.Context, where string, args ...any) (out []hooks.Waiting, err error) {
	rows, err := h.db.QueryContext(ctx, "SELECT "+hookColumns+" FROM identityd_hook_outbox "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading messages of hooks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			m                     hooks.Waiting
			event, body           string
			noted, dueAt, endedAt int64
		)
		if err := rows.Scan(&m.ID, &m.Hook, &event, &m.Subject, &body, &noted, &dueAt, &m.Attempts, &endedAt, &m.Reason); err != nil {
			return nil, fmt.Errorf("reading messages of hooks: %w", err)
		}
		m.Event, m.Body = hooks.Event(event), []byte(body)
		m.Noted, m.Due = time.UnixMilli(noted), time.UnixMilli(dueAt)
		if endedAt > 0 {
			m.Ended = time.UnixMilli(endedAt)
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Claim implements hooks.Rows.
func (h *Hooks) Claim(ctx context.Context, m hooks.Waiting, until time.Time) (bool, error) {
	n, err := h.exec(ctx, "UPDATE identityd_hook_outbox SET due_ms = $1 WHERE id = $2 AND due_ms = $3 AND ended_ms = 0",
		until.UnixMilli(), m.ID, m.Due.UnixMilli())
	return n == 1, err
}

// Delay implements hooks.Rows.
func (h *Hooks) Delay(ctx context.Context, id string, due time.Time, attempts int, reason string) error {
	_, err := h.exec(ctx, "UPDATE identityd_hook_outbox SET due_ms = $1, attempts = $2, reason = $3 WHERE id = $4",
		due.UnixMilli(), attempts, reason, id)
	return err
}

// PutOff implements hooks.Rows.
func (h *Hooks) PutOff(ctx context.Context, hook string, now, until time.Time) error {
	_, err := h.exec(ctx, "UPDATE identityd_hook_outbox SET due_ms = $1 WHERE hook = $2 AND due_ms <= $3 AND ended_ms = 0",
		until.UnixMilli(), hook, now.UnixMilli())
	return err
}

// GiveUp implements hooks.Rows.
func (h *Hooks) GiveUp(ctx context.Context, id string, at time.Time, attempts int, reason string) error {
	_, err := h.exec(ctx, "UPDATE identityd_hook_outbox SET ended_ms = $1, attempts = $2, reason = $3 WHERE id = $4",
		at.UnixMilli(), attempts, reason, id)
	return err
}

// Remove implements hooks.Rows.
func (h *Hooks) Remove(ctx context.Context, id string) error {
	_, err := h.exec(ctx, "DELETE FROM identityd_hook_outbox WHERE id = $1", id)
	return err
}

// List implements hooks.Rows.
func (h *Hooks) List(ctx context.Context, q hooks.Query) ([]hooks.Waiting, error) {
	where, args := chosenHooks(q)
	where += " ORDER BY noted_ms, id"
	if q.Limit > 0 {
		args = append(args, q.Limit)
		where += " LIMIT $" + strconv.Itoa(len(args))
	}
	return h.read(ctx, where, args...)
}

// Again implements hooks.Rows.
func (h *Hooks) Again(ctx context.Context, q hooks.Query, now time.Time) (int, error) {
	where, args := chosenHooks(q)
	args = append(args, now.UnixMilli())
	n, err := h.exec(ctx, "UPDATE identityd_hook_outbox SET ended_ms = 0, attempts = 0, due_ms = $"+strconv.Itoa(len(args))+" "+where, args...)
	return int(n), err
}

// Drop implements hooks.Rows.
func (h *Hooks) Drop(ctx context.Context, q hooks.Query) (int, error) {
	where, args := chosenHooks(q)
	n, err := h.exec(ctx, "DELETE FROM identityd_hook_outbox "+where, args...)
	return int(n), err
}

func chosenHooks(q hooks.Query) (where string, args []any) {
	where = "WHERE 1 = 1"
	for _, one := range []struct{ column, value string }{{"id", q.ID}, {"hook", q.Hook}} {
		if one.value != "" {
			args = append(args, one.value)
			where += " AND " + one.column + " = $" + strconv.Itoa(len(args))
		}
	}
	if q.Dead {
		where += " AND ended_ms > 0"
	}
	return where, args
}

func (h *Hooks) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return changed(ctx, h.db, h.dialect, "writing messages of hooks", query, args...)
}
