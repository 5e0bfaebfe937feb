package hydra

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/fosite"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/x/errorsx"
	"github.com/ory/x/sqlcon"
	"github.com/ory/x/stringsx"
	"github.com/tidwall/gjson"
)

// sessionRow is what of a row of a token or a code becomes a request of fosite (hydra:
// persistence/sql/persister_oauth2.go, OAuth2RequestSQL).
type sessionRow struct {
	request, client                                 string
	requestedAt                                     time.Time
	scope, granted, audience, grantedAudience, form string
	active                                          bool
	session                                         string
	firstUsed                                       sql.NullTime
	// digest is that of the client's row, where it was joined.
	digest []byte
}

// columns are where a row is read to.
func (r *sessionRow) columns() []any {
	return []any{
		&r.request, &r.client, &r.requestedAt, &r.scope, &r.granted, &r.audience, &r.grantedAudience, &r.form, &r.active, &r.session,
		&r.firstUsed, &r.digest,
	}
}

// sessionQueries are the statements by table. Upstream asks for the same rows by the same conditions.
type sessionQueries struct {
	access, accessAndClient, refresh, code, pkce, oidc string
	// codeAndPKCE is both, which have one signature: the code's row first, where there are two.
	codeAndPKCE string
}

func newSessionQueries(c *pop.Connection, digests bool) sessionQueries {
	const columns = "SELECT s.request_id, s.client_id, s.requested_at, s.scope, s.granted_scope, s.requested_audience, s.granted_audience," +
		" s.form_data, s.active, s.session_data"
	of := func(table, first, digest, join string) string {
		return c.Dialect.TranslateSQL(columns + ", " + first + ", " + digest + " FROM hydra_oauth2_" + table + " AS s" + join + " WHERE s.signature = ? AND s.nid = ?")
	}
	q := sessionQueries{
		access:  of("access", "NULL", "NULL", ""),
		refresh: of("refresh", "s.first_used_at", "NULL", ""),
		code:    of("code", "NULL", "NULL", ""),
		pkce:    of("pkce", "NULL", "NULL", ""),
		oidc:    of("oidc", "NULL", "NULL", ""),
	}
	both := func(part, table string) string {
		return columns + ", NULL, NULL, " + part + " AS part FROM hydra_oauth2_" + table + " AS s WHERE s.signature = ? AND s.nid = ?"
	}
	q.codeAndPKCE = c.Dialect.TranslateSQL(both("0", "code") + " UNION ALL " + both("1", "pkce") + " ORDER BY part")
	q.accessAndClient = q.access
	if digests {
		q.accessAndClient = of("access", "NULL", clientDigest, " LEFT JOIN hydra_client AS c ON c.id = s.client_id AND c.nid = s.nid")
	}
	return q
}

// find reads a row, or answers fosite.ErrNotFound.
func (s *store) find(ctx context.Context, query, signature string) (*sessionRow, error) {
	var r sessionRow
	err := s.one(ctx, query, signature, s.NetworkID(ctx).String()).Scan(r.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errorsx.WithStack(fosite.ErrNotFound)
	}
	if err != nil {
		return nil, sqlcon.HandleError(err)
	}
	return &r, nil
}

// findCode reads the row of a code, or answers fosite.ErrNotFound, and with it what PKCE said of the code, which is nil
// where it said nothing.
func (s *store) findCode(ctx context.Context, signature string) (code, pkce *sessionRow, err error) {
	nid := s.NetworkID(ctx).String()
	rows, err := s.query(ctx, s.rows.codeAndPKCE, signature, nid, signature, nid)
	if err != nil {
		return nil, nil, sqlcon.HandleError(err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			r    sessionRow
			part int
		)
		if err := rows.Scan(append(r.columns(), &part)...); err != nil {
			return nil, nil, sqlcon.HandleError(err)
		}
		if part == 0 {
			code = &r
		} else {
			pkce = &r
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, sqlcon.HandleError(err)
	}
	if code == nil {
		return nil, nil, errorsx.WithStack(fosite.ErrNotFound)
	}
	return code, pkce, nil
}

// restore makes a request of a row, and fills in the session. What is not active comes with the error that says so.
func (s *store) restore(ctx context.Context, r *sessionRow, session fosite.Session, active bool, inactive error) (fosite.Requester, error) {
	plain := []byte(r.session)
	if !gjson.ValidBytes(plain) {
		var err error
		if plain, err = s.engine.registry.KeyCipher().Decrypt(ctx, r.session, nil); err != nil {
			return nil, errorsx.WithStack(err)
		}
	}
	if session != nil {
		if err := decodeSession(plain, session); err != nil {
			return nil, errorsx.WithStack(err)
		}
		visitOf(ctx).dressed(session)
	}
	if known := s.remembered(r.client, r.digest); known != nil {
		visitOf(ctx).keepClient(known)
	}
	c, err := s.GetClient(ctx, r.client)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(r.form)
	if err != nil {
		return nil, errorsx.WithStack(err)
	}
	out := &fosite.Request{
		ID: r.request, RequestedAt: r.requestedAt, Client: c, Form: form, Session: session,
		RequestedScope: stringsx.Splitx(r.scope, "|"), GrantedScope: stringsx.Splitx(r.granted, "|"),
		RequestedAudience: stringsx.Splitx(r.audience, "|"), GrantedAudience: stringsx.Splitx(r.grantedAudience, "|"),
	}
	if !active {
		return out, errorsx.WithStack(inactive)
	}
	return out, nil
}

// GetAccessTokenSession implements oauth2.AccessTokenStorage.
func (s *store) GetAccessTokenSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	query := s.rows.accessAndClient
	if visitOf(ctx).knowsClients() {
		query = s.rows.access
	}
	r, err := s.find(ctx, query, hx.SignatureHash(signature))
	if errors.Is(err, fosite.ErrNotFound) {
		// Of before signatures were hashed.
		r, err = s.find(ctx, query, signature)
	}
	if err != nil {
		return nil, err
	}
	return s.restore(ctx, r, session, r.active, fosite.ErrInactiveToken)
}

// GetRefreshTokenSession implements oauth2.RefreshTokenStorage.
func (s *store) GetRefreshTokenSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	r, err := s.find(ctx, s.rows.refresh, signature)
	if err != nil {
		return nil, err
	}
	grace := s.engine.registry.Config().RefreshTokenRotationGracePeriod(ctx)
	active := r.active || grace > 0 && r.firstUsed.Valid && r.firstUsed.Time.Add(grace).After(time.Now())
	return s.restore(ctx, r, session, active, fosite.ErrInactiveToken)
}

// GetAuthorizeCodeSession implements oauth2.AuthorizeCodeStorage. The second time in a request it is what the
// first one read: whether the code is still there is decided by the claim that follows (single_use.go).
func (s *store) GetAuthorizeCodeSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	v := visitOf(ctx)
	known, _ := v.code(signature)
	r := known.code
	switch {
	case v == nil || s.engine.cfg.UnclaimedGrants:
		var err error
		if r, err = s.find(ctx, s.rows.code, signature); err != nil {
			return nil, err
		}
	case r == nil:
		var err error
		if known.code, known.pkce, err = s.findCode(ctx, signature); err != nil {
			return nil, err
		}
		v.keepCode(signature, known)
		r = known.code
	}
	of, err := s.restore(ctx, r, session, r.active, fosite.ErrInvalidatedAuthorizeCode)
	s.joins(ctx, of)
	return of, err
}

// GetPKCERequestSession implements pkce.PKCERequestStorage. It came with the code, which is asked for before; neither is
// written again once it is there, but for the code being used up.
func (s *store) GetPKCERequestSession(ctx context.Context, signature string, session fosite.Session) (fosite.Requester, error) {
	known, ok := visitOf(ctx).code(signature)
	r := known.pkce
	switch {
	case !ok:
		var err error
		if r, err = s.find(ctx, s.rows.pkce, signature); err != nil {
			return nil, err
		}
	case r == nil:
		return nil, errorsx.WithStack(fosite.ErrNotFound)
	}
	return s.restore(ctx, r, session, r.active, fosite.ErrInactiveToken)
}

// GetOpenIDConnectSession implements openid.OpenIDConnectRequestStorage.
func (s *store) GetOpenIDConnectSession(ctx context.Context, signature string, requester fosite.Requester) (fosite.Requester, error) {
	r, err := s.find(ctx, s.rows.oidc, signature)
	if err != nil {
		return nil, err
	}
	return s.restore(ctx, r, requester.GetSession(), r.active, fosite.ErrInactiveToken)
}
