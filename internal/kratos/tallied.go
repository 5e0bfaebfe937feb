package kratos

import (
	"context"
	"strconv"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/selfservice/flow/verification"
	"github.com/ory/kratos/text"
	"github.com/ory/kratos/ui/container"

	"example.com/identityd/internal/identity"
)

// tallied is the persister, and says which flows begin and what a flow that failed shows. Kratos tells by an event
// that one failed, and not why; to a browser the answer is a redirect, and the why is read by the next request.
type tallied struct {
	kpersistence.Persister
	count func(context.Context, identity.Counted)
}

// WithNetworkID keeps the wrapping.
func (p tallied) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return tallied{p.Persister.WithNetworkID(id), p.count}
}

func (p tallied) began(ctx context.Context, flow string, err error) error {
	if err == nil {
		p.count(ctx, identity.Counted{Began: flow})
	}
	return err
}

// shows takes the numbers of the errors that a flow is stored with.
func (p tallied) shows(ctx context.Context, ui *container.Container) {
	if ui == nil {
		return
	}
	each := func(list text.Messages) {
		for _, m := range list {
			if m.Type == text.Error {
				p.count(ctx, identity.Counted{Cause: "kratos:" + strconv.Itoa(int(m.ID))})
			}
		}
	}
	each(ui.Messages)
	for _, n := range ui.Nodes {
		each(n.Messages)
	}
}

// CreateLoginFlow implements login.FlowPersister.
func (p tallied) CreateLoginFlow(ctx context.Context, f *login.Flow) error {
	kind := string(identity.Login)
	if f.RequestedAAL == kidentity.AuthenticatorAssuranceLevel2 {
		kind = "second_factor"
	}
	return p.began(ctx, kind, p.Persister.CreateLoginFlow(ctx, f))
}

// UpdateLoginFlow implements login.FlowPersister.
func (p tallied) UpdateLoginFlow(ctx context.Context, f *login.Flow) error {
	p.shows(ctx, f.UI)
	return p.Persister.UpdateLoginFlow(ctx, f)
}

// CreateRegistrationFlow implements registration.FlowPersister.
func (p tallied) CreateRegistrationFlow(ctx context.Context, f *registration.Flow) error {
	return p.began(ctx, string(identity.Registration), p.Persister.CreateRegistrationFlow(ctx, f))
}

// UpdateRegistrationFlow implements registration.FlowPersister.
func (p tallied) UpdateRegistrationFlow(ctx context.Context, f *registration.Flow) error {
	p.shows(ctx, f.UI)
	return p.Persister.UpdateRegistrationFlow(ctx, f)
}

// CreateRecoveryFlow implements recovery.FlowPersister.
func (p tallied) CreateRecoveryFlow(ctx context.Context, f *recovery.Flow) error {
	return p.began(ctx, string(identity.Recovery), p.Persister.CreateRecoveryFlow(ctx, f))
}

// UpdateRecoveryFlow implements recovery.FlowPersister.
func (p tallied) UpdateRecoveryFlow(ctx context.Context, f *recovery.Flow) error {
	p.shows(ctx, f.UI)
	return p.Persister.UpdateRecoveryFlow(ctx, f)
}

// CreateVerificationFlow implements verification.FlowPersister.
func (p tallied) CreateVerificationFlow(ctx context.Context, f *verification.Flow) error {
	return p.began(ctx, string(identity.Verification), p.Persister.CreateVerificationFlow(ctx, f))
}

// UpdateVerificationFlow implements verification.FlowPersister.
func (p tallied) UpdateVerificationFlow(ctx context.Context, f *verification.Flow) error {
	p.shows(ctx, f.UI)
	return p.Persister.UpdateVerificationFlow(ctx, f)
}

// CreateSettingsFlow implements settings.FlowPersister.
func (p tallied) CreateSettingsFlow(ctx context.Context, f *settings.Flow) error {
	return p.began(ctx, string(identity.Settings), p.Persister.CreateSettingsFlow(ctx, f))
}

// UpdateSettingsFlow implements settings.FlowPersister.
func (p tallied) UpdateSettingsFlow(ctx context.Context, f *settings.Flow) error {
	p.shows(ctx, f.UI)
	return p.Persister.UpdateSettingsFlow(ctx, f)
}
