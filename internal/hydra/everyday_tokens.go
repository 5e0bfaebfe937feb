package hydra

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ory/fosite"
	hconfig "github.com/ory/hydra/v2/driver/config"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
)

// endBatch is how many rows one statement removes, and endRounds how many statements one request takes for
// each table: on SQLite nobody else writes meanwhile.
const (
	endBatch  = 1000
	endRounds = 5
)

// which says what tokens are meant. Empty fields mean all, but all of them empty mean nobody.
type which struct {
	After   time.Time `json:"issued_after"`
	Client  string    `json:"client_id"`
	Subject string    `json:"subject"`
}

// ended is how many there are, or were ended.
type ended struct {
	Access  int64 `json:"access_tokens"`
	Refresh int64 `json:"refresh_tokens"`
	Codes   int64 `json:"codes"`
	// More says that the request has to be sent again: these were as many as one takes.
	More bool `json:"more"`
	// JWTs are those among the access tokens that whoever verifies them by the public keys goes on taking, and
	// Until is when the last one expires; nil where there are none.
	JWTs  int64      `json:"jwt_access_tokens"`
	Until *time.Time `json:"jwt_until"`
}

func (q which) check() error {
	if q.After.IsZero() && q.Client == "" && q.Subject == "" {
		return fosite.ErrInvalidRequest.WithHint("Say which tokens: issued_after, client_id or subject.")
	}
	return nil
}

// where is the condition on a table of tokens. $1 is the network, and what has expired is left to the janitor.
func (q which) where(network any) (condition string, values []any) {
	parts, values := []string{"nid = $1", "active = TRUE", "(expires_at IS NULL OR expires_at > $2)"}, []any{network, time.Now().UTC()}
	add := func(column string, value any) {
		values = append(values, value)
		parts = append(parts, fmt.Sprintf("%s $%d", column, len(values)))
	}
	if !q.After.IsZero() {
		add("requested_at >=", q.After.UTC())
	}
	if q.Client != "" {
		add("client_id =", q.Client)
	}
	if q.Subject != "" {
		add("subject =", q.Subject)
	}
	return strings.Join(parts, " AND "), values
}

// revokeToken ends a token and all that came of the same grant, as RFC 7009 has it, without asking for the
// secret of its client.
func (e *Engine) revokeToken(r *http.Request) (any, error) {
	var asked struct {
		Token  string `json:"token"`
		Client string `json:"client_id"`
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	kind, of, err := e.registry.OAuth2Provider().IntrospectToken(r.Context(), asked.Token, fosite.AccessToken, hoauth2.NewSessionWithCustomClaims(r.Context(), e.registry.Config(), ""))
	if err != nil {
		if errors.Is(err, fosite.ErrServerError) || errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		return map[string]any{"revoked": false}, nil // unknown, expired, or ended already
	}
	client, subject := of.GetClient().GetID(), of.GetSession().GetSubject()
	if asked.Client != "" && asked.Client != client {
		return nil, fosite.ErrInvalidRequest.WithHintf("The token was issued to %s.", client)
	}
	if err := e.revoke(r.Context(), of.GetID()); err != nil {
		return nil, err
	}
	out := map[string]any{"revoked": true, "token_use": string(kind), "client_id": client, "subject": subject}
	if expires := of.GetSession().GetExpiresAt(fosite.AccessToken); kind == fosite.AccessToken && strings.Count(asked.Token, ".") == 2 && !expires.IsZero() {
		out["jwt_until"] = expires.UTC()
	}
	return out, nil
}

// previewTokens counts what endTokens would end.
func (e *Engine) previewTokens(r *http.Request) (any, error) {
	var q which
	if err := readAsked(r, &q); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var out ended
	for table, to := range out.tables() {
		where, values := q.where(e.registry.Persister().NetworkID(ctx))
		if err := e.oneRow(ctx, "SELECT COUNT(*) FROM "+table+" WHERE "+where, values, to); err != nil {
			return nil, err
		}
	}
	where, values := q.where(e.registry.Persister().NetworkID(ctx))
	return out, e.countJWTs(ctx, where, values, &out.JWTs, &out.Until)
}

func (o *ended) tables() map[string]*int64 {
	return map[string]*int64{"hydra_oauth2_access": &o.Access, "hydra_oauth2_refresh": &o.Refresh, "hydra_oauth2_code": &o.Codes}
}

// endTokens ends them: refresh tokens and codes before access tokens, which they would bring new ones of. Hydra's
// own deletion of a client's tokens leaves the refresh tokens (docs/ory-quirks.md#q149).
func (e *Engine) endTokens(r *http.Request) (any, error) {
	var q which
	if err := readAsked(r, &q); err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	ctx := r.Context()
	var out ended
	where, values := q.where(e.registry.Persister().NetworkID(ctx))
	if err := e.countJWTs(ctx, where, values, &out.JWTs, &out.Until); err != nil {
		return nil, err
	}
	counts := out.tables()
	for _, table := range []string{"hydra_oauth2_refresh", "hydra_oauth2_code", "hydra_oauth2_access"} {
		n, more, err := e.endIn(ctx, table, q)
		*counts[table] += n
		out.More = out.More || more
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// endIn removes rows, a batch for each statement and each statement alone: one for all would hold locks on
// what others renew.
func (e *Engine) endIn(ctx context.Context, table string, q which) (removed int64, more bool, err error) {
	p := e.registry.Persister()
	where, values := q.where(p.NetworkID(ctx))
	statement := fmt.Sprintf("DELETE FROM %s WHERE nid = $1 AND signature IN (SELECT signature FROM %s WHERE %s LIMIT %d)", table, table, where, endBatch)
	for range endRounds {
		res, err := p.Connection(ctx).Store.ExecContext(ctx, statement, values...)
		if err != nil {
			return removed, true, fmt.Errorf("ending tokens in %s: %w", table, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return removed, true, fmt.Errorf("ending tokens in %s: %w", table, err)
		}
		removed += n
		if n < endBatch {
			return removed, false, nil
		}
	}
	return removed, true, nil
}

// countJWTs counts the access tokens of clients that get JWTs, among those of a condition, of which $1 is the network.
func (e *Engine) countJWTs(ctx context.Context, where string, values []any, count *int64, last **time.Time) error {
	format := "c.access_token_strategy = 'jwt'"
	if e.registry.Config().AccessTokenStrategy(ctx) == hconfig.AccessTokenJWTStrategy {
		format = "(c.access_token_strategy IS NULL OR c.access_token_strategy <> 'opaque')"
	}
	from := " FROM hydra_oauth2_access WHERE " + where + " AND expires_at IS NOT NULL" +
		" AND client_id IN (SELECT c.id FROM hydra_client c WHERE c.nid = $1 AND " + format + ")"
	if err := e.oneRow(ctx, "SELECT COUNT(*)"+from, values, count); err != nil || *count == 0 {
		return err
	}
	var until time.Time
	// Not MAX: SQLite has no type for what comes out of it.
	err := e.oneRow(ctx, "SELECT expires_at"+from+" ORDER BY expires_at DESC LIMIT 1", values, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	until = until.UTC()
	*last = &until
	return err
}

func (e *Engine) oneRow(ctx context.Context, query string, values []any, to any) error {
	err := e.registry.Persister().Connection(ctx).Store.GetContext(ctx, to, query, values...)
	if err != nil {
		return fmt.Errorf("counting tokens: %w", err)
	}
	return nil
}
