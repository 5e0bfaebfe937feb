package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/identity"
)

// Invitations are the rows of who may sign up. Of the link there is a hash alone.
type Invitations struct {
	db      *sql.DB
	dialect Dialect
}

// NewInvitations returns those of a database that MigrateOwn has brought up to date.
func NewInvitations(db *sql.DB, d Dialect) *Invitations { return &Invitations{db, d} }

const invitationColumns = "SELECT id, address, group_names, client_id, mailed, made_ms, expires_ms, revoked_ms, used_ms, used_by FROM identityd_invitation"

// Add writes one down.
func (s *Invitations) Add(ctx context.Context, i identity.Invitation, hash string) error {
	groups, err := json.Marshal(append([]string{}, i.Groups...))
	if err != nil {
		return fmt.Errorf("writing down an invitation: %w", err)
	}
	mailed := 0
	if i.Mailed {
		mailed = 1
	}
	_, err = s.exec(ctx, `INSERT INTO identityd_invitation (id, hash, address, group_names, client_id, mailed, made_ms, expires_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		i.ID, hash, i.Address, string(groups), i.Client, mailed, i.Made.UnixMilli(), i.Expires.UnixMilli())
	return err
}

// ByHash returns the one of a link, or NotFound.
func (s *Invitations) ByHash(ctx context.Context, hash string) (identity.Invitation, error) {
	return s.one(ctx, " WHERE hash = $1", hash)
}

// ByID returns one, or NotFound.
func (s *Invitations) ByID(ctx context.Context, id string) (identity.Invitation, error) {
	return s.one(ctx, " WHERE id = $1", id)
}

// List returns a page of them, the newest first: those that come after one that was made at an instant, or the first.
func (s *Invitations) List(ctx context.Context, before time.Time, id string, limit int) (out []identity.Invitation, err error) {
	from := before.UnixMilli()
	rows, err := s.db.QueryContext(ctx, invitationColumns+
		" WHERE made_ms < $1 OR (made_ms = $2 AND id > $3) ORDER BY made_ms DESC, id LIMIT $4", from, from, id, limit)
	if err != nil {
		return nil, fmt.Errorf("reading invitations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scanInvitation(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading invitations: %w", err)
	}
	return out, nil
}

// Revoke ends one that is open, and reports whether it was.
func (s *Invitations) Revoke(ctx context.Context, id string, now time.Time) (bool, error) {
	n, err := s.exec(ctx, "UPDATE identityd_invitation SET revoked_ms = $1 WHERE id = $2 AND revoked_ms = 0 AND used_ms = 0", now.UnixMilli(), id)
	return n == 1, err
}

// Claim uses one up for a person, and reports whether it was open. It needs no pool of its own: the statement
// runs in the transaction that makes the person, so that either both happen or none. Whoever comes at the same
// time waits for the row, and finds it used.
func (*Invitations) Claim(exec func(query string, args ...any) (int, error), id, person string, now time.Time) (bool, error) {
	n, err := exec(`UPDATE identityd_invitation SET used_ms = ?, used_by = ?
		WHERE id = ? AND used_ms = 0 AND revoked_ms = 0 AND expires_ms > ?`, now.UnixMilli(), person, id, now.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("using an invitation: %w", err)
	}
	return n == 1, nil
}

func (s *Invitations) one(ctx context.Context, where, arg string) (identity.Invitation, error) {
	i, err := scanInvitation(s.db.QueryRowContext(ctx, invitationColumns+where, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return i, &identity.Error{Code: identity.NotFound, Message: "There is no such invitation."}
	}
	return i, err
}

func scanInvitation(row interface{ Scan(...any) error }) (i identity.Invitation, err error) {
	var (
		groups                       string
		mailed                       int64
		made, expires, revoked, used int64
	)
	err = row.Scan(&i.ID, &i.Address, &groups, &i.Client, &mailed, &made, &expires, &revoked, &used, &i.By)
	if err != nil {
		return i, fmt.Errorf("reading an invitation: %w", err)
	}
	if err := json.Unmarshal([]byte(groups), &i.Groups); err != nil {
		return i, fmt.Errorf("reading an invitation: %w", err)
	}
	i.Mailed, i.Made, i.Expires = mailed != 0, time.UnixMilli(made), time.UnixMilli(expires)
	if revoked != 0 {
		i.Revoked = time.UnixMilli(revoked)
	}
	if used != 0 {
		i.Used = time.UnixMilli(used)
	}
	return i, nil
}

func (s *Invitations) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return changed(ctx, s.db, s.dialect, "writing an invitation", query, args...)
}
