package kratos

import (
	"context"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	"github.com/ory/kratos/selfservice/flow/settings"
	ksession "github.com/ory/kratos/session"

	"example.com/identityd/internal/hooks"
)

// notes is the persister, and writes down whom to tell in the transaction of what they are told of. Kratos' own hooks
// for that run later: who dies in between tells nobody (docs/ory-quirks.md#q221).
type notes struct {
	kpersistence.Persister
	engine *Engine
}

// WithNetworkID keeps the wrapping.
func (p notes) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return notes{p.Persister.WithNetworkID(id), p.engine}
}

// CreateIdentity implements identity.PrivilegedPool.
func (p notes) CreateIdentity(ctx context.Context, i *kidentity.Identity) error {
	o, ok := momentOf(ctx).take(hooks.RegistrationAfter)
	if !ok || !p.engine.cfg.Hooks.Wants(hooks.RegistrationAfter) {
		return p.Persister.CreateIdentity(ctx, i)
	}
	return p.with(ctx, hooks.RegistrationAfter, func() hooks.Occasion {
		now := of(i)
		o.Subject, o.State, o.Traits = now.Subject, now.State, now.Traits
		return o
	}, func(ctx context.Context) error { return p.Persister.CreateIdentity(ctx, i) })
}

// GetSettingsFlow implements settings.FlowPersister. Who changes something has this read first, also on the way back
// from a provider.
func (p notes) GetSettingsFlow(ctx context.Context, id uuid.UUID) (*settings.Flow, error) {
	f, err := p.Persister.GetSettingsFlow(ctx, id)
	if m := momentOf(ctx); m != nil && err == nil {
		m.mu.Lock()
		m.settings = string(f.Type)
		m.mu.Unlock()
	}
	return f, err
}

// UpdateIdentity implements identity.PrivilegedPool. What changes in settings is written here; their hooks before it
// are for some methods alone (docs/ory-quirks.md#q220).
func (p notes) UpdateIdentity(ctx context.Context, i *kidentity.Identity) error {
	do := func(ctx context.Context) error { return p.Persister.UpdateIdentity(ctx, i) }
	m := momentOf(ctx)
	flow := m.changing()
	if flow == "" {
		return do(ctx)
	}
	o := of(i)
	o.Flow, o.Method, o.Change = flow, m.changes, m.change
	if o.Method == "" {
		o.Method, o.Change = string(kidentity.CredentialsTypeOIDC), "added" // on the way back from a provider
	}
	o.Request = p.engine.cfg.Hooks.Request(ctx)
	if err := p.engine.ask(ctx, hooks.SettingsBefore, o); err != nil {
		return err
	}
	if !p.engine.cfg.Hooks.Wants(hooks.SettingsAfter) {
		return do(ctx)
	}
	return p.with(ctx, hooks.SettingsAfter, func() hooks.Occasion { return o }, do)
}

// changing returns the type of the flow of settings that the request submits, once.
func (m *moment) changing() (flow string) {
	if m == nil {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	flow, m.settings = m.settings, ""
	return flow
}

// UpsertSession implements session.Persister. A sign-in has been through our hook; a recovery has no place for one
// (docs/ory-quirks.md#q220), and signs in as well.
func (p notes) UpsertSession(ctx context.Context, s *ksession.Session) error {
	m := momentOf(ctx)
	do := func(ctx context.Context) error { return p.Persister.UpsertSession(ctx, s) }
	at, o, ok := hooks.LoginAfter, hooks.Occasion{}, false
	if m != nil && m.recovers && recovered(s) {
		at, o, ok = hooks.RecoveryAfter, signsIn(s), true
		o.Request = p.engine.cfg.Hooks.Request(ctx)
		if err := p.engine.ask(ctx, hooks.LoginBefore, o); err != nil {
			return err
		}
	} else {
		o, ok = m.take(at)
	}
	if !ok || !p.engine.cfg.Hooks.Wants(at) {
		return do(ctx)
	}
	return p.with(ctx, at, func() hooks.Occasion {
		o.Session = s.ID.String()
		return o
	}, do)
}

// recovered reports whether a session came of a mail for who forgot a password.
func recovered(s *ksession.Session) bool {
	n := len(s.AMR)
	return n > 0 && (s.AMR[n-1].Method == kidentity.CredentialsTypeRecoveryCode || s.AMR[n-1].Method == kidentity.CredentialsTypeRecoveryLink)
}

// with does something and writes down whom to tell of it: both or nothing.
func (p notes) with(ctx context.Context, e hooks.Event, o func() hooks.Occasion, do func(context.Context) error) error {
	var noted hooks.Noted
	err := p.Transaction(ctx, func(ctx context.Context, c *pop.Connection) error {
		if err := do(ctx); err != nil {
			return err
		}
		var err error
		noted, err = p.engine.cfg.Hooks.Note(func(query string, args ...any) error { return c.RawQuery(query, args...).Exec() }, e, o())
		return err
	})
	if err == nil {
		momentOf(ctx).add(noted)
	}
	return err
}
