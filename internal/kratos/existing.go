package kratos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/verification"
	kx "github.com/ory/kratos/x"
	"github.com/ory/x/sqlcon"
)

// owner is who has an address already.
type owner struct {
	identity *kidentity.Identity
	address  string
}

// known returns who has an address of i already, or nil. An address that was proved on the way, by a code or
// by the provider's word, may be told about: its owner is asking.
func (e *Engine) known(ctx context.Context, i *kidentity.Identity) (*owner, error) {
	pool := e.registry.PrivilegedIdentityPool()
	for _, a := range i.VerifiableAddresses {
		if a.Verified || a.Via != kidentity.VerifiableAddressTypeEmail {
			continue
		}
		found, err := pool.FindVerifiableAddressByValue(ctx, a.Via, a.Value)
		switch {
		case errors.Is(err, sqlcon.ErrNoRows):
			continue
		case err != nil:
			return nil, fmt.Errorf("looking for the owner of an address: %w", err)
		}
		person, err := pool.GetIdentity(ctx, found.IdentityID, kidentity.ExpandCredentials)
		if err != nil {
			return nil, fmt.Errorf("reading the owner of an address: %w", err)
		}
		return &owner{identity: person, address: found.Value}, nil
	}
	return nil, nil
}

// answerAsNew gives the answer of a sign-up that worked: the page that asks for the code of a mail. The mail
// says that there is an account already, and how its owner signs in. Neither page nor address tells anybody
// else (docs/adr/0026-neutral-sign-up.md). It mirrors what Kratos does after it stored a person
// (kratos: selfservice/hook/verification.go and selfservice/flow/registration/hook.go).
func (e *Engine) answerAsNew(
	w http.ResponseWriter, r *http.Request, f *registration.Flow, i *kidentity.Identity, known *owner,
) error {
	ctx := context.WithoutCancel(r.Context())
	ended(ctx, signUpKnown)
	passed(ctx)
	v, err := e.neutralFlow(ctx, w, r, f)
	if err != nil {
		return err
	}
	if err := e.tellOwner(ctx, f, known); err != nil {
		return err
	}
	address := ""
	if f.Type == flow.TypeBrowser {
		address = v.AppendTo(e.registry.Config().SelfServiceFlowVerificationUI(ctx)).String()
	}
	f.AddContinueWith(flow.NewContinueWithVerificationUI(v, known.address, address))
	if f.Type == flow.TypeAPI || kx.IsJSONRequest(r) {
		if err := e.pretend(ctx, i); err != nil {
			return err
		}
		e.registry.Writer().Write(w, r, &registration.APIFlowResponse{Identity: i, ContinueWith: f.ContinueWith()})
		return registration.ErrHookAbortFlow
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return registration.ErrHookAbortFlow
}

// neutralFlow makes the flow of the page. It knows nobody, so that no code opens anything but one that was
// sent from that very page.
func (e *Engine) neutralFlow(ctx context.Context, w http.ResponseWriter, r *http.Request, f *registration.Flow) (*verification.Flow, error) {
	strategy, err := e.registry.GetActiveVerificationStrategy(ctx)
	if err != nil {
		return nil, fmt.Errorf("choosing the way to verify: %w", err)
	}
	csrf := ""
	if f.Type == flow.TypeBrowser {
		csrf = e.registry.CSRFHandler().RegenerateToken(w, r)
	}
	c := e.registry.Config()
	v, err := verification.NewPostHookFlow(c, c.SelfServiceFlowVerificationRequestLifespan(ctx), csrf, r, strategy, f)
	if err != nil {
		return nil, fmt.Errorf("making the page after a sign-up: %w", err)
	}
	v.State = flow.StateEmailSent
	if err := strategy.PopulateVerificationMethod(r, v); err != nil {
		return nil, fmt.Errorf("making the page after a sign-up: %w", err)
	}
	if err := e.registry.VerificationFlowPersister().CreateVerificationFlow(ctx, v); err != nil {
		return nil, fmt.Errorf("storing the page after a sign-up: %w", err)
	}
	return v, nil
}

// pretend gives a person who was not stored what the store would have, times that come one after the other
// included.
func (e *Engine) pretend(ctx context.Context, i *kidentity.Identity) error {
	if err := e.registry.Persister().InjectTraitsSchemaURL(ctx, i); err != nil {
		return fmt.Errorf("naming the schema of a person: %w", err)
	}
	now := time.Now().UTC()
	later := func() time.Time {
		now = now.Add(time.Duration(300+rand.IntN(600)) * time.Microsecond) //nolint:gosec // looks like a clock, guards nothing
		return now.Truncate(time.Microsecond)
	}
	i.ID = kx.NewUUID()
	i.CreatedAt = later()
	i.UpdatedAt = i.CreatedAt
	for n := range i.VerifiableAddresses {
		a := &i.VerifiableAddresses[n]
		a.ID, a.Status, a.CreatedAt = kx.NewUUID(), kidentity.VerifiableAddressStatusSent, later()
		a.UpdatedAt = a.CreatedAt
	}
	for n := range i.RecoveryAddresses {
		a := &i.RecoveryAddresses[n]
		a.ID, a.CreatedAt = kx.NewUUID(), later()
		a.UpdatedAt = a.CreatedAt
	}
	return nil
}
