package kratos

import (
	"context"
	"fmt"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/offboard"
)

// pending are the tables of what lets a person in without a session: codes and links under way. What verifies an
// address alone is none of them.
func pending() []string {
	return []string{"identity_recovery_codes", "identity_recovery_tokens", "identity_login_codes"}
}

// EndAccess implements offboard.Kratos. Sessions are marked as ended and not removed, as upstream does it.
func (e *Engine) EndAccess(ctx context.Context, id, keep string, before time.Time) (out offboard.Ended, err error) {
	person, err := uuid.FromString(id)
	if err != nil {
		return out, nil // no account of Kratos'
	}
	if !e.serial.Do(ctx, func() { out, err = e.endAccess(ctx, person, uuid.FromStringOrNil(keep), before) }) {
		err = ctx.Err()
	}
	if err != nil {
		return out, fmt.Errorf("ending access at kratos: %w", err)
	}
	return out, nil
}

func (e *Engine) endAccess(ctx context.Context, person, keep uuid.UUID, before time.Time) (out offboard.Ended, err error) {
	p := e.registry.Persister()
	err = p.Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		out = offboard.Ended{}
		nid := p.NetworkID(ctx)
		run := func(query, since string, args ...any) (int64, error) {
			if !before.IsZero() {
				query += " AND " + since + " <= ?"
				args = append(args, before.UTC())
			}
			n, err := tx.RawQuery(query, args...).ExecWithCount()
			return int64(n), sqlcon.HandleError(err)
		}
		var err error
		out.Sessions, err = run("UPDATE sessions SET active = FALSE WHERE identity_id = ? AND nid = ? AND active = TRUE AND id <> ?",
			"issued_at", person, nid, keep)
		if err != nil {
			return err
		}
		for _, table := range pending() {
			n, err := run("DELETE FROM "+table+" WHERE identity_id = ? AND nid = ?", "created_at", person, nid)
			if err != nil {
				return err
			}
			out.Pending += n
		}
		return nil
	})
	return out, err
}

// Active implements offboard.Kratos.
func (e *Engine) Active(ctx context.Context, id string) (bool, error) { return e.SignedIn(ctx, id, "") }
