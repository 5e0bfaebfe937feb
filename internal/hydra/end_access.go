package hydra

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ory/hydra/v2/flow"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/signout"
)

// EndAccess implements offboard.Hydra. Sessions come first, so that no application gets a token without a question
// meanwhile; refresh tokens and codes before access tokens, which they would bring new ones of.
func (e *Engine) EndAccess(ctx context.Context, person string, before time.Time) (out offboard.Ended, err error) {
	logins, err := e.loginsBefore(ctx, person, before)
	if err != nil {
		return out, err
	}
	for _, l := range logins {
		if _, err := e.EndLogin(ctx, person, l.ID); err != nil {
			return out, err
		}
		out.Logins++
	}
	err = errors.New("ended while waiting for its turn")
	e.serial.Do(ctx, func() {
		err = ory.Guard(name, func() error { return e.endGrants(ctx, person, before, &out) })
	})
	if err != nil {
		return out, fmt.Errorf("ending access at hydra: %w", err)
	}
	return out, nil
}

// EndEverything is EndAccess for whoever leaves. It can be repeated.
func (e *Engine) EndEverything(ctx context.Context, person string) error {
	_, err := e.EndAccess(ctx, person, time.Time{})
	return err
}

func (e *Engine) loginsBefore(ctx context.Context, person string, before time.Time) ([]signout.Login, error) {
	if before.IsZero() {
		return e.Logins(ctx, signout.Session{Subject: person})
	}
	var rows []flow.LoginSession
	p := e.registry.Persister()
	err := p.Connection(ctx).Where("subject = ? AND nid = ? AND authenticated_at <= ?", person, p.NetworkID(ctx), before.UTC()).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("reading sessions of hydra: %w", err)
	}
	out := make([]signout.Login, 0, len(rows))
	for i := range rows {
		out = append(out, signout.Login{ID: rows[i].ID})
	}
	return out, nil
}

// endGrants removes what was granted. What still works is removed and counted first; the rest, used and expired, goes
// with the consents. A refresh or a redemption that is under way holds the row of its consent, for which the
// deletion waits; one that begins later finds none to store a token for.
func (e *Engine) endGrants(ctx context.Context, person string, before time.Time, out *offboard.Ended) error {
	p := e.registry.Persister()
	if err := e.countPersonsJWTs(ctx, person, out); err != nil {
		return err
	}
	for _, one := range []struct {
		table string
		count *int64
	}{{"hydra_oauth2_refresh", &out.Refresh}, {"hydra_oauth2_code", &out.Codes}, {"hydra_oauth2_access", &out.Access}} {
		n, err := e.endTokensOf(ctx, one.table, person, before)
		*one.count += n
		if err != nil {
			return err
		}
	}
	asserted, err := e.endAsserted(ctx, person, before)
	if err != nil {
		return err
	}
	out.Access += asserted
	query, args := "DELETE FROM hydra_oauth2_flow WHERE subject = ? AND nid = ?", []any{person, p.NetworkID(ctx)}
	if !before.IsZero() {
		query, args = query+" AND requested_at <= ?", append(args, before.UTC())
	}
	n, err := p.Connection(ctx).RawQuery(query, args...).ExecWithCount()
	out.Consents += int64(n)
	return sqlcon.HandleError(err)
}

// endTokensOf removes what works of a table of tokens. They are found by the consents that they came of, for which
// there is an index; by their subject there is none.
func (e *Engine) endTokensOf(ctx context.Context, table, person string, before time.Time) (removed int64, err error) {
	p := e.registry.Persister()
	c, nid := p.Connection(ctx), p.NetworkID(ctx)
	where := "nid = ? AND active = TRUE AND (expires_at IS NULL OR expires_at > ?) AND challenge_id IN (SELECT f.consent_challenge_id" +
		" FROM hydra_oauth2_flow AS f WHERE f.subject = ? AND f.nid = ? AND f.consent_challenge_id IS NOT NULL)"
	args := []any{nid, nid, time.Now().UTC(), person, nid}
	if !before.IsZero() {
		where, args = where+" AND requested_at <= ?", append(args, before.UTC())
	}
	for {
		n, err := c.RawQuery(fmt.Sprintf("DELETE FROM %s WHERE nid = ? AND signature IN (SELECT signature FROM %s WHERE %s LIMIT %d)",
			table, table, where, endBatch), args...).ExecWithCount()
		removed += int64(n)
		if err != nil || n < endBatch {
			return removed, sqlcon.HandleError(err)
		}
	}
}

// countPersonsJWTs counts the access tokens that go on being taken by whoever verifies them by the public keys.
func (e *Engine) countPersonsJWTs(ctx context.Context, person string, out *offboard.Ended) error {
	where := "nid = $1 AND active = TRUE AND (expires_at IS NULL OR expires_at > $2) AND challenge_id IN (SELECT f.consent_challenge_id" +
		" FROM hydra_oauth2_flow f WHERE f.subject = $3 AND f.nid = $1 AND f.consent_challenge_id IS NOT NULL)"
	return e.countJWTs(ctx, where, []any{e.registry.Persister().NetworkID(ctx), time.Now().UTC(), person}, &out.JWTs, &out.Until)
}

// endAsserted ends the tokens that were issued for assertions about a person (RFC 7523). They came of no consent and
// there is no index for them: where nobody is trusted to assert anything, they are not looked for.
func (e *Engine) endAsserted(ctx context.Context, person string, before time.Time) (removed int64, err error) {
	p := e.registry.Persister()
	c, nid := p.Connection(ctx), p.NetworkID(ctx)
	trusted := 0
	err = c.Store.GetContext(ctx, &trusted, c.Dialect.TranslateSQL("SELECT COUNT(*) FROM hydra_oauth2_trusted_jwt_bearer_issuer WHERE nid = ?"), nid)
	if err != nil || trusted == 0 {
		return 0, sqlcon.HandleError(err)
	}
	query, args := "DELETE FROM hydra_oauth2_access WHERE nid = ? AND challenge_id IS NULL AND subject = ?", []any{nid, person}
	if !before.IsZero() {
		query, args = query+" AND requested_at <= ?", append(args, before.UTC())
	}
	n, err := c.RawQuery(query, args...).ExecWithCount()
	return int64(n), sqlcon.HandleError(err)
}
