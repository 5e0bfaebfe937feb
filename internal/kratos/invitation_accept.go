package kratos

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/identity"
)

// invitationAccepted is the kind of a record (internal/audit/kinds.go).
const invitationAccepted = "InvitationAccepted"

// Invitation returns the invitation of a token, and whether its address has an account, or NotFound. Whoever holds
// the link may know: it was given to the owner of the address.
func (e *Engine) Invitation(ctx context.Context, token string) (identity.Invitation, bool, error) {
	i, err := e.invitation(ctx, token)
	if err != nil {
		return identity.Invitation{}, false, err
	}
	if i == nil {
		return identity.Invitation{}, false, &identity.Error{Code: identity.NotFound, Message: "There is no such invitation."}
	}
	taken := false
	if i.State(time.Now()) == identity.InvitationOpen {
		taken, err = e.hasAccount(ctx, i.Address)
	}
	return *i, taken, err
}

func (e *Engine) hasAccount(ctx context.Context, address string) (bool, error) {
	_, err := e.registry.PrivilegedIdentityPool().FindVerifiableAddressByValue(ctx, kidentity.VerifiableAddressTypeEmail, address)
	if errors.Is(err, sqlcon.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for the account of an address: %w", err)
	}
	return true, nil
}

// AcceptInvitation gives an account that exists what an invitation brings. It has to be that of the address; Forbidden
// says that it is not, and Gone that the invitation is not open any more.
func (e *Engine) AcceptInvitation(ctx context.Context, token, person string) error {
	id, err := uuid.FromString(person)
	if err != nil {
		return fmt.Errorf("reading the id of a person: %w", err)
	}
	i, err := e.invitation(ctx, token)
	if err != nil {
		return err
	}
	gone := &identity.Error{Code: identity.Gone, Message: "This invitation cannot be used any more."}
	if i == nil || i.State(time.Now()) != identity.InvitationOpen {
		return gone
	}
	if !e.serial.Do(ctx, func() { err = e.join(ctx, *i, id) }) {
		return ctx.Err()
	}
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		return gone
	}
	if err == nil && e.cfg.Note != nil {
		e.cfg.Note(ctx, Noted{Kind: invitationAccepted, Subject: person, Details: map[string]string{"invitation": i.ID}})
	}
	return err
}

func (e *Engine) join(ctx context.Context, i identity.Invitation, id uuid.UUID) error {
	pool := e.registry.PrivilegedIdentityPool()
	return e.registry.Persister().Transaction(ctx, func(ctx context.Context, c *pop.Connection) error {
		if err := (invited{engine: e}).claim(ctx, c, i, id); err != nil {
			return err
		}
		p, err := pool.GetIdentityConfidential(ctx, id)
		if err != nil {
			return fmt.Errorf("reading a person: %w", err)
		}
		if !owns(p, i) {
			return &identity.Error{Code: identity.Forbidden, Message: "This invitation is for another address than yours."}
		}
		if p.MetadataPublic, err = withGroups(p.MetadataPublic, i.Groups); err != nil {
			return err
		}
		return pool.UpdateIdentity(ctx, p)
	})
}

// owns reports whether the address of an invitation is a person's. Who has read a mail of ours need not have
// verified it before.
func owns(p *kidentity.Identity, i identity.Invitation) bool {
	for _, a := range p.VerifiableAddresses {
		if strings.EqualFold(a.Value, i.Address) && (a.Verified || i.Mailed) {
			return true
		}
	}
	return false
}
