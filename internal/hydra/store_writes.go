package hydra

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/fosite"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	hx "github.com/ory/hydra/v2/x"
	"github.com/ory/hydra/v2/x/events"
	"github.com/ory/x/errorsx"
	"github.com/ory/x/sqlcon"
	"github.com/ory/x/sqlxx"
	"go.opentelemetry.io/otel/trace"
)

// tokenInserts are the statements that store a token, with upstream's columns (hydra:
// persistence/sql/persister_oauth2.go, createSession). Upstream builds the text and the arguments from the
// struct at each token, which is most of what it costs (docs/ory-quirks.md#q118).
type tokenInserts struct{ access, refresh string }

func newTokenInserts(c *pop.Connection) tokenInserts {
	const columns = "active, challenge_id, client_id, expires_at, form_data, granted_audience, granted_scope, nid, request_id," +
		" requested_at, requested_audience, scope, session_data, signature, subject"
	insert := func(table, more string) string {
		all := columns + more
		marks := strings.Repeat("?, ", strings.Count(all, ",")) + "?"
		return c.Dialect.TranslateSQL("INSERT INTO hydra_oauth2_" + table + " (" + all + ") VALUES (" + marks + ")")
	}
	return tokenInserts{access: insert("access", ""), refresh: insert("refresh", ", first_used_at, access_token_signature")}
}

// CreateAccessTokenSession implements oauth2.AccessTokenStorage.
func (s *store) CreateAccessTokenSession(ctx context.Context, signature string, r fosite.Requester) error {
	grant := events.WithGrantType(r.GetRequestForm().Get("grant_type"))
	events.Trace(ctx, events.AccessTokenIssued, append(tokenEvent(r), grant)...)
	return s.insert(ctx, s.inserts.access, hx.SignatureHash(signature), r, r.GetSession().GetExpiresAt(fosite.AccessToken).UTC())
}

// CreateRefreshTokenSession implements oauth2.RefreshTokenStorage.
func (s *store) CreateRefreshTokenSession(ctx context.Context, signature, access string, r fosite.Requester) error {
	events.Trace(ctx, events.RefreshTokenIssued, tokenEvent(r)...)
	var of sql.NullString
	if access != "" {
		of = sql.NullString{String: hx.SignatureHash(access), Valid: true}
	}
	return s.insert(ctx, s.inserts.refresh, signature, r, r.GetSession().GetExpiresAt(fosite.RefreshToken).UTC(), sql.NullTime{}, of)
}

// tokenEvent says of a token what upstream says.
func tokenEvent(r fosite.Requester) []trace.EventOption {
	subject := sha256.Sum256([]byte(r.GetSession().GetSubject()))
	return []trace.EventOption{
		events.WithGrantType(r.GetRequestForm().Get("grant_type")), events.WithSubject(hex.EncodeToString(subject[:])),
		events.WithRequest(r), events.WithClientID(r.GetClient().GetID()),
	}
}

func (s *store) insert(ctx context.Context, statement, signature string, r fosite.Requester, expires time.Time, more ...any) error {
	session, ok := r.GetSession().(*hoauth2.Session)
	if !ok {
		return fmt.Errorf("storing a token: its session is a %T", r.GetSession())
	}
	plain, err := json.Marshal(session)
	if err != nil {
		return errorsx.WithStack(err)
	}
	sealed := string(plain)
	if s.engine.registry.Config().EncryptSessionData(ctx) {
		if sealed, err = s.engine.registry.KeyCipher().Encrypt(ctx, plain, nil); err != nil {
			return errorsx.WithStack(err)
		}
	}
	list := func(a fosite.Arguments) string { return strings.Join(a, "|") }
	args := append([]any{
		true,
		sql.NullString{String: session.ConsentChallenge, Valid: session.ConsentChallenge != ""},
		r.GetClient().GetID(), sqlxx.NullTime(expires),
		r.GetRequestForm().Encode(), list(r.GetGrantedAudience()), list(r.GetGrantedScopes()), s.NetworkID(ctx).String(), r.GetID(),
		r.GetRequestedAt(), list(r.GetRequestedAudience()), list(r.GetRequestedScopes()), sealed, signature, session.GetSubject(),
	}, more...)
	err = sqlcon.HandleError(s.exec(ctx, statement, args...))
	if errors.Is(err, sqlcon.ErrConcurrentUpdate) {
		return fosite.ErrSerializationFailure.WithWrap(err)
	}
	return err
}

// exec runs a statement, in the transaction of ctx if there is one.
func (s *store) exec(ctx context.Context, statement string, args ...any) error {
	c := s.Connection(ctx)
	if c.TX != nil && c.TX.Tx != nil {
		_, err := c.TX.ExecContext(ctx, statement, args...)
		return err
	}
	_, err := c.Store.SQLDB().ExecContext(ctx, statement, args...)
	return err
}
