package kratos

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"
	"github.com/ory/x/sqlxx"
)

// externalID is a row of our table: who somebody is elsewhere, and what the last import said of them.
type externalID struct {
	ExternalID string    `db:"external_id"`
	IdentityID uuid.UUID `db:"identity_id"`
	Digests    string    `db:"digests"`
}

// externalIDs reads rows, of people who are still there.
func (e *Engine) externalIDs(ctx context.Context, ids []string) ([]externalID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		args = append(args, id)
	}
	p := e.registry.Persister()
	var out []externalID
	// Not a join: SQLite would begin with all people there are.
	err := p.GetConnection(ctx).RawQuery(`SELECT x.external_id, x.identity_id, x.digests FROM identityd_external_id AS x
		WHERE x.external_id IN (?) AND EXISTS (SELECT 1 FROM identities AS i WHERE i.id = x.identity_id AND i.nid = ?)`, args, p.NetworkID(ctx)).All(&out)
	if err != nil {
		return nil, fmt.Errorf("reading external ids: %w", sqlcon.HandleError(err))
	}
	return out, nil
}

// rememberExternal writes rows in the transaction that stores their people. The row of somebody who is gone makes way.
func rememberExternal(tx *pop.Connection, rows []externalID, now time.Time) error {
	for start := 0; start < len(rows); start += 100 {
		some := rows[start:min(start+100, len(rows))]
		query, args, ids := "", []any{}, []any{}
		for _, r := range some {
			if query != "" {
				query += ", "
			}
			query += "(?, ?, ?, ?)"
			args = append(args, r.ExternalID, r.IdentityID, r.Digests, now.UnixMilli())
			ids = append(ids, r.ExternalID)
		}
		err := tx.RawQuery(`DELETE FROM identityd_external_id WHERE external_id IN (?)
			AND NOT EXISTS (SELECT 1 FROM identities AS i WHERE i.id = identityd_external_id.identity_id)`, ids).Exec()
		if err == nil {
			err = tx.RawQuery("INSERT INTO identityd_external_id (external_id, identity_id, digests, at_ms) VALUES "+query, args...).Exec()
		}
		if err != nil {
			return fmt.Errorf("writing external ids: %w", err)
		}
	}
	return nil
}

// importAgain changes what the file says otherwise than the last time. What it says as it did stays as it is
// now, whoever changed it. A password follows the file only while the stored hash is the one that was imported: who
// has signed in since has another one, and so has who changed it.
func (e *Engine) importAgain(ctx context.Context, i *importing, dryRun bool) error {
	last := map[string]string{}
	if err := json.Unmarshal([]byte(i.known.Digests), &last); err != nil {
		return fmt.Errorf("reading what the last import said: %w", err)
	}
	var differ []part
	for _, p := range saidOf(i.in) {
		if last[p.name] != digest(i.known.IdentityID, p) {
			differ = append(differ, p)
		}
	}
	if i.Outcome = outcomeUnchanged; len(differ) == 0 {
		return nil
	}
	err := e.registry.Persister().Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		i.Outcome, i.Faults, i.Changed, i.Kept = outcomeUnchanged, nil, nil, nil
		who, err := e.hold(ctx, tx, i.known.IdentityID)
		if err != nil {
			return err
		}
		before := *who
		i.who = who
		for _, p := range differ {
			last[p.name] = digest(who.ID, p)
			if p.name == partPassword && e.changedSince(i) {
				i.Kept = append(i.Kept, p.name)
				continue
			}
			if reason := i.put(p); reason != "" {
				i.refuse(p.name, reason)
			}
			i.Changed = append(i.Changed, p.name)
		}
		if before.State != who.State {
			now := sqlxx.NullTime(time.Now())
			who.StateChangedAt = &now
		}
		if i.Outcome != outcomeRefused {
			e.check(ctx, i, &before)
		}
		if i.Outcome == outcomeRefused || dryRun {
			return nil
		}
		if len(i.Changed) > 0 {
			if err := e.registry.PrivilegedIdentityPool().UpdateIdentity(ctx, who); err != nil {
				return err
			}
		}
		return tx.RawQuery("UPDATE identityd_external_id SET digests = ?, at_ms = ? WHERE external_id = ?",
			string(jsonOf(last)), time.Now().UnixMilli(), i.in.ExternalID).Exec()
	})
	switch {
	case errors.Is(sqlcon.HandleError(err), sqlcon.ErrUniqueViolation):
		i.refuse("", reasonTaken)
	case err != nil:
		return fmt.Errorf("changing a person: %w", err)
	case i.Outcome != outcomeRefused && len(i.Changed) > 0:
		i.Outcome = outcomeUpdated
	}
	return nil
}

// changedSince reports whether a password is another one than the last import brought.
func (e *Engine) changedSince(i *importing) bool {
	now := string(hashOf(i.who))
	if now == "" {
		return false // there is none to lose
	}
	last := map[string]string{}
	_ = json.Unmarshal([]byte(i.known.Digests), &last) // it was read before
	return last[partPassword] != digest(i.who.ID, part{partPassword, now})
}

// hold reads a person whom nobody else changes before the transaction ends. Kratos writes people as a whole, as
// they were read, so that of two who do one would be lost (docs/ory-quirks.md#q213).
func (e *Engine) hold(ctx context.Context, tx *pop.Connection, id uuid.UUID) (*kidentity.Identity, error) {
	p := e.registry.Persister()
	n, err := tx.RawQuery("UPDATE identities SET updated_at = updated_at WHERE id = ? AND nid = ?", id, p.NetworkID(ctx)).ExecWithCount()
	if err == nil && n == 0 {
		err = sqlcon.ErrNoRows
	}
	if err != nil {
		return nil, fmt.Errorf("holding a person: %w", sqlcon.HandleError(err))
	}
	return p.GetIdentityConfidential(ctx, id)
}

func base32Secret(text string) ([]byte, error) {
	return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
}
