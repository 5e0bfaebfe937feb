package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/identityd/internal/signout"
)

// Signouts are the rows of what the end of a session still has to bring about.
type Signouts struct {
	db      *sql.DB
	dialect Dialect
}

var _ signout.Rows = (*Signouts)(nil)

// NewSignouts returns those of a database that MigrateOwn has brought up to date.
func NewSignouts(db *sql.DB, d Dialect) *Signouts { return &Signouts{db, d} }

// Note implements signout.Rows. It needs no pool of its own: the statement runs where the session ends.
func (*Signouts) Note(exec func(query string, args ...any) error, at signout.Session) error {
	err := exec("INSERT INTO identityd_logout_ending (subject, session_id, noted_ms) VALUES (?, ?, ?) ON CONFLICT (subject, session_id) DO NOTHING",
		at.Subject, at.ID, time.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("writing down the end of a session: %w", err)
	}
	return nil
}

// Endings implements signout.Rows.
func (s *Signouts) Endings(ctx context.Context, before time.Time, limit int) (out []signout.Session, err error) {
	rows, err := s.db.QueryContext(ctx,
		"SELECT subject, session_id FROM identityd_logout_ending WHERE noted_ms < $1 ORDER BY noted_ms LIMIT $2", before.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("reading ended sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at signout.Session
		if err := rows.Scan(&at.Subject, &at.ID); err != nil {
			return nil, fmt.Errorf("reading ended sessions: %w", err)
		}
		out = append(out, at)
	}
	return out, rows.Err()
}

// Settled implements signout.Rows.
func (s *Signouts) Settled(ctx context.Context, at signout.Session) error {
	_, err := s.exec(ctx, "DELETE FROM identityd_logout_ending WHERE subject = $1 AND session_id = $2", at.Subject, at.ID)
	return err
}

// Add implements signout.Rows.
func (s *Signouts) Add(ctx context.Context, messages []signout.Message) error {
	return Tx(ctx, s.db, s.dialect, func(tx *sql.Tx) error {
		for _, m := range messages {
			_, err := tx.ExecContext(ctx, `INSERT INTO identityd_logout_outbox (id, session_id, client_id, noted_ms, due_ms)
				VALUES ($1, $2, $3, $4, $5) ON CONFLICT (session_id, client_id) DO NOTHING`,
				m.ID, m.Session, m.Client, m.Noted.UnixMilli(), m.Due.UnixMilli())
			if err != nil {
				return fmt.Errorf("writing down a sign-out message: %w", err)
			}
		}
		return nil
	})
}

// Due implements signout.Rows.
func (s *Signouts) Due(ctx context.Context, now time.Time, limit int) (due []signout.Message, waiting int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM identityd_logout_outbox WHERE ended_ms = 0").Scan(&waiting)
	if err != nil || waiting == 0 {
		return nil, 0, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT id, session_id, client_id, noted_ms, due_ms, attempts FROM identityd_logout_outbox
		WHERE ended_ms = 0 AND due_ms <= $1 ORDER BY due_ms LIMIT $2`, now.UnixMilli(), limit)
	if err != nil {
		return nil, 0, fmt.Errorf("reading sign-out messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			m                 signout.Message
			notedMS, due1stMS int64
		)
		if err := rows.Scan(&m.ID, &m.Session, &m.Client, &notedMS, &due1stMS, &m.Attempts); err != nil {
			return nil, 0, fmt.Errorf("reading sign-out messages: %w", err)
		}
		m.Noted, m.Due = time.UnixMilli(notedMS), time.UnixMilli(due1stMS)
		due = append(due, m)
	}
	return due, waiting, rows.Err()
}

// Claim implements signout.Rows.
func (s *Signouts) Claim(ctx context.Context, m signout.Message, until time.Time) (bool, error) {
	n, err := s.exec(ctx, "UPDATE identityd_logout_outbox SET due_ms = $1 WHERE id = $2 AND due_ms = $3 AND ended_ms = 0",
		until.UnixMilli(), m.ID, m.Due.UnixMilli())
	return n == 1, err
}

// Delay implements signout.Rows.
func (s *Signouts) Delay(ctx context.Context, id string, due time.Time, attempts int, reason string) error {
	_, err := s.exec(ctx, "UPDATE identityd_logout_outbox SET due_ms = $1, attempts = $2, reason = $3 WHERE id = $4",
		due.UnixMilli(), attempts, reason, id)
	return err
}

// PutOff implements signout.Rows.
func (s *Signouts) PutOff(ctx context.Context, client string, now, until time.Time) error {
	_, err := s.exec(ctx, "UPDATE identityd_logout_outbox SET due_ms = $1 WHERE client_id = $2 AND due_ms <= $3 AND ended_ms = 0",
		until.UnixMilli(), client, now.UnixMilli())
	return err
}

// GiveUp implements signout.Rows.
func (s *Signouts) GiveUp(ctx context.Context, id string, at time.Time, reason string) error {
	_, err := s.exec(ctx, "UPDATE identityd_logout_outbox SET ended_ms = $1, attempts = attempts + 1, reason = $2 WHERE id = $3",
		at.UnixMilli(), reason, id)
	return err
}

// Remove implements signout.Rows.
func (s *Signouts) Remove(ctx context.Context, id string) error {
	_, err := s.exec(ctx, "DELETE FROM identityd_logout_outbox WHERE id = $1", id)
	return err
}

func (s *Signouts) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return changed(ctx, s.db, s.dialect, "writing sign-out rows", query, args...)
}
