package kratos

import (
	"context"
	"errors"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/signout"
)

// Endings takes the sessions that end. Note writes one down, in the transaction that ends it where there
// is one; Settle and Later finish it.
type Endings interface {
	Note(exec func(query string, args ...any) error, s signout.Session) error
	Settle(ctx context.Context, sessions []signout.Session) (frames []string)
	Later(s signout.Session)
}

// endings is the persister, and notes every session that ends, whoever ends it: a logout, the session API,
// an administrator, a hook after a changed password (docs/ory-quirks.md#q67). What ends with a person is an order
// (offboarding.go).
type endings struct {
	kpersistence.Persister
	noted Endings
	note  func(context.Context, Noted)
}

// WithNetworkID keeps the wrapping.
func (p endings) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return endings{p.Persister.WithNetworkID(id), p.noted, p.note}
}

// DeleteSession implements session.Persister.
func (p endings) DeleteSession(ctx context.Context, id uuid.UUID) error {
	return p.ends(ctx, id, func() error { return p.Persister.DeleteSession(ctx, id) })
}

// RevokeSessionById implements session.Persister.
//
//nolint:revive // the name is upstream's
func (p endings) RevokeSessionById(ctx context.Context, id uuid.UUID) error {
	return p.ends(ctx, id, func() error { return p.Persister.RevokeSessionById(ctx, id) })
}

// RevokeSession implements session.Persister.
func (p endings) RevokeSession(ctx context.Context, person, id uuid.UUID) error {
	return p.end(ctx, signout.Session{Subject: person.String(), ID: id.String()}, func() error {
		return p.Persister.RevokeSession(ctx, person, id)
	})
}

// DeleteSessionByToken implements session.Persister.
func (p endings) DeleteSessionByToken(ctx context.Context, token string) error {
	return p.endsByToken(ctx, token, func() error { return p.Persister.DeleteSessionByToken(ctx, token) })
}

// RevokeSessionByToken implements session.Persister.
func (p endings) RevokeSessionByToken(ctx context.Context, token string) error {
	return p.endsByToken(ctx, token, func() error { return p.Persister.RevokeSessionByToken(ctx, token) })
}

// DeleteSessionsByIdentity implements session.Persister.
func (p endings) DeleteSessionsByIdentity(ctx context.Context, person uuid.UUID) error {
	err := p.end(ctx, signout.Session{Subject: person.String()}, func() error {
		return p.Persister.DeleteSessionsByIdentity(ctx, person)
	})
	if err == nil {
		p.tell(ctx, person, "all")
	}
	return err
}

// RevokeSessionsIdentityExcept implements session.Persister.
func (p endings) RevokeSessionsIdentityExcept(ctx context.Context, person, except uuid.UUID) (n int, err error) {
	err = p.end(ctx, signout.Session{Subject: person.String()}, func() error {
		n, err = p.Persister.RevokeSessionsIdentityExcept(ctx, person, except)
		return err
	})
	if err == nil && n > 0 {
		p.tell(ctx, person, "others")
	}
	return n, err
}

// sessionEnded is the kind of a record (internal/audit/kinds.go). Kratos tells of a logout alone.
const sessionEnded = "SessionEnded"

// tell says that more than one session of a person ended.
func (p endings) tell(ctx context.Context, person uuid.UUID, which string) {
	if p.note != nil {
		p.note(ctx, Noted{Kind: sessionEnded, Subject: person.String(), Details: map[string]string{"which": which}})
	}
}

func (p endings) ends(ctx context.Context, id uuid.UUID, do func() error) error {
	s, err := p.GetSession(ctx, id, ksession.ExpandNothing)
	return p.found(ctx, s, err, do)
}

func (p endings) endsByToken(ctx context.Context, token string, do func() error) error {
	s, err := p.GetSessionByToken(ctx, token, ksession.ExpandNothing, kidentity.ExpandNothing)
	return p.found(ctx, s, err, do)
}

// found leaves it to upstream to say that there is no such session.
func (p endings) found(ctx context.Context, s *ksession.Session, err error, do func() error) error {
	if errors.Is(err, sqlcon.ErrNoRows) {
		return do()
	}
	if err != nil {
		return err
	}
	return p.end(ctx, signout.Session{Subject: s.IdentityID.String(), ID: s.ID.String()}, do)
}

func (p endings) end(ctx context.Context, s signout.Session, do func() error) error {
	exec := func(query string, args ...any) error {
		return p.GetConnection(ctx).RawQuery(query, args...).Exec()
	}
	if err := p.noted.Note(exec, s); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err // whether it ended is looked up when its row is worked on
	}
	if p.note != nil && s.ID != "" {
		p.note(ctx, Noted{Kind: sessionEnded, Subject: s.Subject, Session: s.ID, Details: map[string]string{"which": "one"}})
	}
	if !requestOf(ctx).end(s) {
		p.noted.Later(s)
	}
	return nil
}
