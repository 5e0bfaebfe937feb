package kratos

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/uuid"
	ksession "github.com/ory/kratos/session"

	"example.com/identityd/internal/identity"
)

// SessionsOf returns one page of a person's living sessions, newest first, and how many there are in
// all. Pages are counted from 1. GET /sessions would leave out the session that asks, and costs four times
// as many statements (docs/ory-quirks.md#q73). A size of 0 counts them only.
func (e *Engine) SessionsOf(ctx context.Context, person string, page, size int) ([]identity.Session, int, error) {
	id, err := uuid.FromString(person)
	if err != nil {
		return nil, 0, fmt.Errorf("reading identity id: %w", err)
	}
	if size == 0 {
		n, err := e.countSessions(ctx, id)
		return nil, n, err
	}
	var (
		found []ksession.Session
		total int64
	)
	living, none := true, uuid.Nil
	devices := ksession.Expandables{ksession.ExpandSessionDevices}
	// It is a transaction, though one that only reads.
	if !e.serial.Do(ctx, func() {
		found, total, err = e.registry.SessionPersister().ListSessionsByIdentity(ctx, id, &living, page, size, none, devices)
	}) {
		err = ctx.Err()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("listing kratos sessions: %w", err)
	}
	out := make([]identity.Session, 0, len(found))
	for _, s := range found {
		out = append(out, sessionOf(s))
	}
	return out, int(total), nil
}

// countSessions is how ListSessionsByIdentity counts (kratos: persistence/sql/persister_session.go), without
// the transaction around it.
func (e *Engine) countSessions(ctx context.Context, person uuid.UUID) (int, error) {
	p := e.registry.Persister()
	n, err := p.GetConnection(ctx).
		Where("identity_id = ? AND nid = ?", person, p.NetworkID(ctx)).
		Where("active = ? AND expires_at >= ?", true, time.Now().UTC()).
		Count(new(ksession.Session))
	if err != nil {
		return 0, fmt.Errorf("counting kratos sessions: %w", err)
	}
	return n, nil
}

func sessionOf(s ksession.Session) identity.Session {
	// As upstream's MarshalJSON: an expired session is not active, whatever the row says.
	out := identity.Session{
		ID: s.ID.String(), Active: s.IsActive(), AAL: string(s.AuthenticatorAssuranceLevel),
		IssuedAt: s.IssuedAt, AuthenticatedAt: s.AuthenticatedAt, ExpiresAt: s.ExpiresAt,
	}
	for _, m := range s.AMR {
		out.Methods = append(out.Methods, identity.Method{
			Method: string(m.Method), AAL: string(m.AAL), CompletedAt: m.CompletedAt, Provider: m.Provider,
		})
	}
	for _, d := range s.Devices {
		out.Devices = append(out.Devices, identity.Device{IPAddress: orEmpty(d.IPAddress), UserAgent: orEmpty(d.UserAgent)})
	}
	return out
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
