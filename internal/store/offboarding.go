package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.com/identityd/internal/offboard"
)

// Offboarding are the rows of orders to end all access of a person.
type Offboarding struct {
	db      *sql.DB
	dialect Dialect
}

var _ offboard.Rows = (*Offboarding)(nil)

// NewOffboarding returns those of a database that MigrateOwn has brought up to date.
func NewOffboarding(db *sql.DB, d Dialect) *Offboarding { return &Offboarding{db, d} }

const noteOffboarding = "INSERT INTO identityd_offboarding (identity_id, keep_session, reason, noted_ms, due_ms) VALUES (?, ?, ?, ?, ?)" +
	" ON CONFLICT (identity_id, keep_session) DO UPDATE SET reason = excluded.reason, noted_ms = excluded.noted_ms, due_ms = excluded.due_ms, done = 0, attempts = 0"

// Note implements offboard.Rows. It needs no pool of its own: the statement runs where access is taken away.
func (*Offboarding) Note(exec func(query string, args ...any) error, o offboard.Order) error {
	err := exec(noteOffboarding, o.Identity, o.Keep, o.Reason, o.Noted.UnixMilli(), o.Noted.Add(offboard.Young).UnixMilli())
	if err != nil {
		return fmt.Errorf("writing down an order to end access: %w", err)
	}
	return nil
}

// Add implements offboard.Rows.
func (s *Offboarding) Add(ctx context.Context, o offboard.Order) error {
	return Tx(ctx, s.db, s.dialect, func(tx *sql.Tx) error {
		return s.Note(func(query string, args ...any) error {
			_, err := tx.ExecContext(ctx, numbered(query), args...)
			return err
		}, o)
	})
}

// Due implements offboard.Rows.
func (s *Offboarding) Due(ctx context.Context, now time.Time, limit int) (due []offboard.Order, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT identity_id, keep_session, reason, noted_ms, done, attempts FROM identityd_offboarding
		WHERE due_ms <= $1 ORDER BY due_ms LIMIT $2`, now.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("reading orders to end access: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			o       offboard.Order
			notedMS int64
		)
		if err := rows.Scan(&o.Identity, &o.Keep, &o.Reason, &notedMS, &o.Done, &o.Attempts); err != nil {
			return nil, fmt.Errorf("reading orders to end access: %w", err)
		}
		o.Noted = time.UnixMilli(notedMS)
		due = append(due, o)
	}
	return due, rows.Err()
}

// Put implements offboard.Rows.
func (s *Offboarding) Put(ctx context.Context, o offboard.Order, due time.Time) error {
	return s.exec(ctx, "UPDATE identityd_offboarding SET due_ms = $1, done = $2, attempts = $3 WHERE identity_id = $4 AND keep_session = $5 AND noted_ms = $6",
		due.UnixMilli(), o.Done, o.Attempts, o.Identity, o.Keep, o.Noted.UnixMilli())
}

// Remove implements offboard.Rows.
func (s *Offboarding) Remove(ctx context.Context, o offboard.Order) error {
	return s.exec(ctx, "DELETE FROM identityd_offboarding WHERE identity_id = $1 AND keep_session = $2 AND noted_ms = $3",
		o.Identity, o.Keep, o.Noted.UnixMilli())
}

func (s *Offboarding) exec(ctx context.Context, query string, args ...any) error {
	_, err := changed(ctx, s.db, s.dialect, "writing orders to end access", query, args...)
	return err
}

// numbered writes $1 for the first question mark, and so on.
func numbered(query string) string {
	parts := strings.Split(query, "?")
	var out strings.Builder
	for i, part := range parts[:len(parts)-1] {
		fmt.Fprintf(&out, "%s$%d", part, i+1)
	}
	return out.String() + parts[len(parts)-1]
}
