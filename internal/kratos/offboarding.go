package kratos

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/sqlxx"

	"example.com/identityd/internal/offboard"
)

// Offboarding takes the people whose access ends. Note writes an order down in the transaction that makes it
// necessary; Carry and Later carry it out.
type Offboarding interface {
	Note(exec func(query string, args ...any) error, o offboard.Order) error
	Carry(ctx context.Context, orders []offboard.Order)
	Later(o offboard.Order)
	Do(ctx context.Context, o offboard.Order) (offboard.Ended, error)
}

// offboarding is the persister, and orders that all access of a person ends where it is taken away, whoever does it:
// an administrator, the file, the person. Kratos tells nobody (docs/ory-quirks.md#q174).
type offboarding struct {
	kpersistence.Persister
	orders Offboarding
}

// WithNetworkID keeps the wrapping.
func (p offboarding) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return offboarding{p.Persister.WithNetworkID(id), p.orders}
}

// DeleteIdentity implements identity.PrivilegedPool.
func (p offboarding) DeleteIdentity(ctx context.Context, person uuid.UUID) error {
	return p.order(ctx, offboard.Deleted, []uuid.UUID{person}, func(ctx context.Context) error {
		return p.Persister.DeleteIdentity(ctx, person)
	})
}

// DeleteIdentities implements identity.PrivilegedPool.
func (p offboarding) DeleteIdentities(ctx context.Context, people []uuid.UUID) error {
	return p.order(ctx, offboard.Deleted, people, func(ctx context.Context) error {
		return p.Persister.DeleteIdentities(ctx, people)
	})
}

// UpdateIdentity implements identity.PrivilegedPool. Upstream reads a person with their credentials right before,
// in the same request, so that what changes is known without another statement.
func (p offboarding) UpdateIdentity(ctx context.Context, i *kidentity.Identity) error {
	before := requestOf(ctx).before(i.ID)
	if before == nil {
		read, err := p.Persister.GetIdentityConfidential(ctx, i.ID)
		if err != nil {
			return err
		}
		before = provableOf(read)
	}
	update := func(ctx context.Context) error { return p.Persister.UpdateIdentity(ctx, i) }
	if !before.inactive && i.State != kidentity.StateInactive {
		update = func(ctx context.Context) error { return p.stillActive(ctx, i) }
	}
	reason := taken(before, i)
	if reason == "" {
		return update(ctx)
	}
	return p.order(ctx, reason, []uuid.UUID{i.ID}, update)
}

// GetIdentityConfidential implements identity.PrivilegedPool, and remembers what there was for an update.
func (p offboarding) GetIdentityConfidential(ctx context.Context, id uuid.UUID) (*kidentity.Identity, error) {
	i, err := p.Persister.GetIdentityConfidential(ctx, id)
	if err == nil {
		requestOf(ctx).keepBefore(provableOf(i))
	}
	return i, err
}

// GetSessionByToken implements session.Persister, and remembers who asks.
func (p offboarding) GetSessionByToken(
	ctx context.Context, token string, expand ksession.Expandables, person sqlxx.Expandables,
) (*ksession.Session, error) {
	s, err := p.Persister.GetSessionByToken(ctx, token, expand, person)
	if err == nil {
		requestOf(ctx).keepSession(s.IdentityID, s.ID)
	}
	return s, err
}

// UpsertSession implements session.Persister. A recovery ends with a session, and that is the one that stays.
func (p offboarding) UpsertSession(ctx context.Context, s *ksession.Session) error {
	n := requestOf(ctx)
	if !n.recovers() {
		return p.Persister.UpsertSession(ctx, s)
	}
	if s.ID.IsNil() {
		id, err := uuid.NewV4()
		if err != nil {
			return fmt.Errorf("naming a session: %w", err)
		}
		s.ID = id // upstream names it when it is stored
	}
	n.keepSession(s.IdentityID, s.ID)
	return p.order(ctx, offboard.Recovered, []uuid.UUID{s.IdentityID}, func(ctx context.Context) error {
		return p.Persister.UpsertSession(ctx, s)
	})
}

// order writes orders down in one transaction with what makes them necessary.
func (p offboarding) order(ctx context.Context, reason string, people []uuid.UUID, do func(context.Context) error) error {
	n := requestOf(ctx)
	now := time.Now()
	list := make([]offboard.Order, 0, len(people))
	for _, person := range people {
		o := offboard.Order{Identity: person.String(), Reason: reason, Noted: now}
		if reason != offboard.Deactivated && reason != offboard.Deleted {
			o.Keep = n.own(person)
		}
		list = append(list, o)
	}
	err := p.Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		exec := func(query string, args ...any) error { return tx.RawQuery(query, args...).Exec() }
		for _, o := range list {
			if err := p.orders.Note(exec, o); err != nil {
				return err
			}
		}
		return do(ctx)
	})
	if err != nil {
		return err
	}
	for _, o := range list {
		if !n.order(o) {
			p.orders.Later(o)
		}
	}
	return nil
}

// provable is what a person proves who they are with, and whether they may.
type provable struct {
	person   uuid.UUID
	inactive bool
	hash     []byte
	factors  map[kidentity.CredentialsType][]string
}

// factorTypes are those that count as a factor. A code by mail is none: its addresses are traits.
func factorTypes() []kidentity.CredentialsType {
	return []kidentity.CredentialsType{
		kidentity.CredentialsTypeTOTP, kidentity.CredentialsTypeLookup, kidentity.CredentialsTypeWebAuthn,
		kidentity.CredentialsTypePasskey, kidentity.CredentialsTypeOIDC,
	}
}

func provableOf(i *kidentity.Identity) *provable {
	out := &provable{
		person: i.ID, inactive: i.State == kidentity.StateInactive, hash: bytes.Clone(hashOf(i)),
		factors: map[kidentity.CredentialsType][]string{},
	}
	for _, kind := range factorTypes() {
		if c, ok := i.GetCredentials(kind); ok {
			if keys := keysOf(kind, c); len(keys) > 0 {
				out.factors[kind] = keys
			}
		}
	}
	return out
}

// taken says what an update takes away, empty for nothing: the worst of it.
func taken(before *provable, i *kidentity.Identity) string {
	after := provableOf(i)
	switch {
	case after.inactive:
		// Also where it was before: whoever says it again may have found a door open.
		return offboard.Deactivated
	case len(before.hash) > 0 && !bytes.Equal(before.hash, after.hash):
		return offboard.PasswordChanged
	}
	for kind, had := range before.factors {
		for _, key := range had {
			if !slices.Contains(after.factors[kind], key) {
				return offboard.FactorRemoved
			}
		}
	}
	return ""
}
