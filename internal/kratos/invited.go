package kratos

import (
	"context"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"

	"example.com/identityd/internal/identity"
)

// invited is the persister, and stores who signs up by an invitation in the transaction that uses it up: of two
// who come with the same link, by whichever replicas, one gets an account. Where there is no other way in, it
// stores nobody without one, whatever method or flow made the person: the hook says so better, and this is the
// lock (docs/ory-quirks.md#q200).
type invited struct {
	kpersistence.Persister
	engine *Engine
}

// WithNetworkID keeps the wrapping.
func (p invited) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return invited{p.Persister.WithNetworkID(id), p.engine}
}

// CreateIdentity implements identity.PrivilegedPool.
func (p invited) CreateIdentity(ctx context.Context, i *kidentity.Identity) error {
	j, public := ctx.Value(joiningKey{}).(*joining)
	switch {
	case !public || j.invitation == nil && !p.engine.cfg.Registration.ByInvitation:
		return p.Persister.CreateIdentity(ctx, i)
	case j.invitation == nil:
		return errByInvitation()
	}
	if i.ID == uuid.Nil {
		i.ID = uuid.Must(uuid.NewV4())
	}
	return p.Transaction(ctx, func(ctx context.Context, c *pop.Connection) error {
		if err := p.claim(ctx, c, *j.invitation, i.ID); err != nil {
			return err
		}
		return p.Persister.CreateIdentity(ctx, i)
	})
}

// CreateIdentities implements identity.PrivilegedPool.
func (p invited) CreateIdentities(ctx context.Context, list ...*kidentity.Identity) error {
	if _, public := ctx.Value(joiningKey{}).(*joining); public && p.engine.cfg.Registration.ByInvitation {
		return errByInvitation()
	}
	return p.Persister.CreateIdentities(ctx, list...)
}

func (p invited) claim(ctx context.Context, c *pop.Connection, i identity.Invitation, person uuid.UUID) error {
	exec := func(query string, args ...any) (int, error) {
		return c.WithContext(ctx).RawQuery(query, args...).ExecWithCount()
	}
	now := time.Now()
	won, err := p.engine.cfg.Invitations.Claim(exec, i.ID, person.String(), now)
	if err != nil || won {
		return err
	}
	// Somebody was faster, or it ended meanwhile.
	i, err = p.engine.cfg.Invitations.ByID(ctx, i.ID)
	if err != nil {
		return err
	}
	state := i.State(now)
	if state == identity.InvitationOpen {
		state = identity.InvitationUsed // by a transaction that is not over
	}
	return refuseSignUp(stateReason(state))
}
