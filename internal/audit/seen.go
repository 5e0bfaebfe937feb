package audit

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Wants reports whether events of an engine with this name are written down.
func (t *Trail) Wants(name string) bool {
	k, known := t.kinds[name]
	return !known || !k.Counted
}

// Saw takes an event of an engine, with its attributes. Within a request it waits for the request's end.
func (t *Trail) Saw(ctx context.Context, name string, attrs map[string]string) {
	e := translate(name, attrs)
	if s := SceneOf(ctx); s != nil && s.hold(e) {
		return
	}
	t.keep(ctx, []Event{e}, 0)
}

// Hold keeps an event of our own until the end of the request that ctx is in, so that it is judged by what
// became of the request; outside of requests it is noted at once.
func (t *Trail) Hold(ctx context.Context, e Event) {
	if s := SceneOf(ctx); s != nil && s.hold(e) {
		return
	}
	t.keep(ctx, []Event{e}, 0)
}

// End writes down what happened in a request that was answered with this status.
func (t *Trail) End(ctx context.Context, s *Scene, status int) {
	held, identity := s.end()
	if len(held) == 0 {
		return
	}
	for i := range held {
		// Kratos does not say on whom a wrong password was tried (docs/ory-quirks.md#q98).
		if held[i].Kind == "LoginFailed" && held[i].Subject == "" {
			held[i].Subject = identity
			if held[i].Actor == "" && s.Actor() == "" {
				held[i].Actor = unknown
			}
		}
	}
	t.keep(ctx, held, status)
}

// unknown is the actor where somebody says to be a person and could not prove it.
const unknown = "unknown"

func (t *Trail) keep(ctx context.Context, list []Event, status int) {
	for _, e := range settled(list, t.tokens.Load()) {
		if status >= 500 {
			// Hydra and Kratos tell of what they are about to do; a transaction that was rolled back did not.
			e.Details = with(e.Details, "answer", strconv.Itoa(status))
			if e.Outcome == "" {
				e.Outcome = Failed
			}
		}
		// At the end of the process nothing more can be done than the line in the log.
		_ = t.Note(ctx, e)
	}
}

// settled leaves out what was said twice, when a transaction was run again, and what another event of the
// same request says better or takes back (docs/ory-quirks.md#q99).
func settled(list []Event, allTokens bool) []Event {
	has := func(kind string, match func(Event) bool) bool {
		return slices.ContainsFunc(list, func(e Event) bool { return e.Kind == kind && match(e) })
	}
	always := func(Event) bool { return true }
	var out []Event
	for i, e := range list {
		same := func(o Event) bool { return o.Subject == e.Subject }
		switch {
		case e.Kind == Changed:
		case slices.ContainsFunc(list[:i], func(o Event) bool { return equal(o, e) }):
		case e.Kind == "IdentityCreated" && has("RegistrationSucceeded", same):
		case e.Kind == "IdentityUpdated" && has("SettingsSucceeded", same):
		case e.Kind == "IdentityUpdated" && has("LoginSucceeded", same): // a hash that was made anew, a code that was used up
		case e.Kind == "IdentityUpdated" && (has("VerificationSucceeded", same) || has("RecoverySucceeded", same)):
		case e.Kind == SessionEnded && has("SessionRevoked", func(o Event) bool { return o.Session == e.Session }):
		case e.Kind == SessionEnded && has("IdentityDeleted", same):
		case e.Kind == TokenIssued && has(tokenRefused, always):
		case e.Kind == TokenIssued && !allTokens && routine(e):
		default:
			out = append(out, e)
		}
	}
	for i := range out {
		refine(&out[i], list)
	}
	return out
}

func equal(a, b Event) bool {
	return a.Kind == b.Kind && a.Outcome == b.Outcome && a.Actor == b.Actor && a.Subject == b.Subject && a.Client == b.Client &&
		a.Session == b.Session && details(a.Details) == details(b.Details)
}

// routine tokens are those that no person is asked for.
func routine(e Event) bool {
	return e.Details["grant"] == "refresh_token" || e.Details["grant"] == "client_credentials"
}

// Changed is the pseudo kind by which an adapter says what a form of settings asked for; it becomes the kind
// of the SettingsSucceeded of the same request.
const Changed = "Changed"

// refine gives a change of settings the name of what was changed.
func refine(e *Event, list []Event) {
	if e.Kind != "SettingsSucceeded" {
		return
	}
	for _, o := range list {
		if o.Kind == Changed {
			e.Kind = o.Details["kind"]
			if what := o.Details["what"]; what != "" {
				e.Details = with(e.Details, "what", what)
			}
			return
		}
	}
	// A provider answers later, by a link and not by the form.
	if e.Details["method"] == "oidc" {
		e.Kind = ProviderLinked
	}
}

// attributes are those of the engines that are taken over, and under which name. Others may hold what people
// typed, bodies of web hooks among them (docs/ory-quirks.md#q100).
func attributes() map[string]string {
	return map[string]string{
		"SelfServiceFlowType":             "flow",
		"SelfServiceMethodUsed":           "method",
		"SelfServiceSSOProviderUsed":      "provider",
		"LoginRequestedAAL":               "aal",
		"LoginRequestedPrivilegedSession": "again",
		"OAuth2GrantType":                 "grant",
		"SessionExpiresAt":                "until",
	}
}

// translate turns an event of an engine into ours.
func translate(name string, attrs map[string]string) Event {
	e := Event{
		Kind: name, Subject: attrs["IdentityID"], Client: attrs["OAuth2ClientID"], Session: attrs["SessionID"],
	}
	if e.Subject == "" {
		e.Subject = attrs["OAuth2Subject"]
	}
	// An application that acts for itself is its own subject, for Hydra.
	if e.Subject != "" && e.Subject == e.Client {
		e.Subject = ""
	}
	if name == TokenIssued || name == tokenRefused {
		e.Actor = ActorClient
	}
	for from, to := range attributes() {
		if v := attrs[from]; v != "" && v != "false" {
			if e.Details == nil {
				e.Details = map[string]string{}
			}
			e.Details[to] = v
		}
	}
	if _, known := Kinds()[name]; !known {
		e.Kind, e.Details = "EngineEvent", map[string]string{"name": strings.ToValidUTF8(name, "?")}
	}
	return e
}
