package stack

import (
	"context"
	"encoding/json"
	"slices"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/offboard"
	"example.com/identityd/internal/ui"
)

// consents asks and tells receivers of consents.
type consents struct{ hooks *hooks.Hooks }

var _ ui.Consents = consents{}

func (c consents) occasion(ctx context.Context, at identity.Consenting) hooks.Occasion {
	traits, err := json.Marshal(at.Person.Traits)
	if err != nil { // they came as JSON
		traits = nil
	}
	return hooks.Occasion{
		Subject: at.Person.ID, Schema: at.Person.SchemaID, State: at.Person.State, Traits: traits,
		Client: at.Client, Scopes: at.Scopes, Audience: at.Audience, Remembered: at.Remembered, Request: c.hooks.Request(ctx),
	}
}

// Ask implements ui.Consents.
func (c consents) Ask(ctx context.Context, at identity.Consenting) *identity.ConsentRefusal {
	if !c.hooks.Wants(hooks.ConsentBefore) {
		return nil
	}
	v := c.hooks.Ask(ctx, hooks.ConsentBefore, c.occasion(ctx, at))
	if !v.Refused() {
		return nil
	}
	out := &identity.ConsentRefusal{Failed: v.Failed}
	for _, m := range v.Messages {
		out.Texts = append(out.Texts, m.Text)
	}
	return out
}

// Expect implements ui.Consents. Hydra's database is another one than that of the messages.
func (c consents) Expect(ctx context.Context, at identity.Consenting) (done func(granted bool), err error) {
	if !c.hooks.Wants(hooks.ConsentAfter) {
		return func(bool) {}, nil
	}
	noted, err := c.hooks.Expect(ctx, hooks.ConsentAfter, c.occasion(ctx, at))
	if err != nil {
		return nil, err
	}
	return func(granted bool) {
		if granted {
			c.hooks.Tell(ctx, noted)
			return
		}
		c.hooks.Forget(ctx, noted)
	}, nil
}

// Bounds of what receivers add to a token.
const (
	mostHookClaims = 50
	mostHookBytes  = 4 << 10
)

// askToken asks receivers whether a token may be issued, outside of what the request holds in Hydra, and adds the
// claims that they say.
func (s *Stack) askToken(ctx context.Context, p *pair, is *identity.Issuing) error {
	if !p.hooks.Wants(hooks.TokenBefore) {
		return nil
	}
	o := hooks.Occasion{
		Subject: is.Subject, Client: is.Client, Grant: is.Grant, Scopes: is.Scopes, Audience: is.Audience, Request: p.hooks.Request(ctx),
	}
	var v hooks.Verdict
	p.hydra.Outside(ctx, func() { v = p.hooks.Ask(ctx, hooks.TokenBefore, o) })
	switch {
	case v.Failed:
		return &identity.Error{Code: identity.Unavailable, Message: "Who has to be asked before a token is issued does not answer."}
	case v.Refused():
		text := "A policy of this service does not allow this token."
		if len(v.Messages) > 0 {
			text = v.Messages[0].Text
		}
		return &identity.Error{Code: identity.Forbidden, Message: text}
	}
	s.addClaims(ctx, is, v.Claims)
	return nil
}

// addClaims leaves out what the protocol says, what a client is narrowed away from, and what would not fit.
func (s *Stack) addClaims(ctx context.Context, is *identity.Issuing, more map[string]any) {
	if len(more) == 0 {
		return
	}
	if raw, err := json.Marshal(more); err != nil || len(raw) > mostHookBytes || len(more) > mostHookClaims {
		s.log.WarnContext(ctx, "claims of a hook left out", "client_id", is.Client, "reason", "more than 50 claims, or 4 KiB")
		return
	}
	for name, value := range more {
		if why := claims.Refused(name); why != "" {
			s.log.WarnContext(ctx, "claim of a hook left out", "client_id", is.Client, "reason", why)
			continue
		}
		if is.OnlyClaims != nil && !slices.Contains(is.OnlyClaims, name) {
			continue
		}
		if is.Claims == nil {
			is.Claims = map[string]any{}
		}
		if is.AccessTokenClaims == nil {
			is.AccessTokenClaims = map[string]any{}
		}
		is.Claims[name], is.AccessTokenClaims[name] = value, value
	}
}

// tellOffboarding tells receivers whose access ended. The order is carried out again when that cannot be written down.
func tellOffboarding(ctx context.Context, h *hooks.Hooks, o offboard.Order) error {
	if !h.Wants(hooks.OffboardingAfter) {
		return nil
	}
	noted, err := h.Expect(ctx, hooks.OffboardingAfter, hooks.Occasion{Subject: o.Identity, Reason: o.Reason, Request: h.Request(ctx)})
	if err == nil {
		h.Tell(ctx, noted)
	}
	return err
}
