package hooks

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Event is a moment that a hook is called at. The receiver of one that ends in .before may refuse; one that ends
// in .after tells what happened.
type Event string

// The events.
const (
	RegistrationBefore Event = "registration.before"
	RegistrationAfter  Event = "registration.after"
	LoginBefore        Event = "login.before"
	LoginAfter         Event = "login.after"
	RecoveryAfter      Event = "recovery.after"
	SettingsBefore     Event = "settings.before"
	SettingsAfter      Event = "settings.after"
	ConsentBefore      Event = "consent.before"
	ConsentAfter       Event = "consent.after"
	TokenBefore        Event = "token.before"
	OffboardingAfter   Event = "offboarding.after"
)

// Events returns all of them.
func Events() []Event {
	return []Event{
		RegistrationBefore, RegistrationAfter, LoginBefore, LoginAfter, RecoveryAfter, SettingsBefore, SettingsAfter,
		ConsentBefore, ConsentAfter, TokenBefore, OffboardingAfter,
	}
}

// Decides reports whether the receiver is asked, rather than told.
func (e Event) Decides() bool { return strings.HasSuffix(string(e), ".before") }

// Occasion is what a receiver learns of what happens. There is never a credential, a token or a code in it.
type Occasion struct {
	// Subject is the id of the person; empty before a registration, and for tokens of an application's own.
	Subject string `json:"subject,omitempty"`
	// Schema is that of the person's traits, State active or inactive.
	Schema string `json:"schema,omitempty"`
	State  string `json:"state,omitempty"`
	// Method is how: password, code, passkey, oidc and so on.
	Method string `json:"method,omitempty"`
	// Change is what happens to the method: added, removed or changed; of settings.
	Change string `json:"change,omitempty"`
	// Provider is the upstream service of method oidc.
	Provider string `json:"provider,omitempty"`
	// Flow is browser or api.
	Flow string `json:"flow,omitempty"`
	// Session is the id of a session, and AAL how sure it is: aal1 or aal2.
	Session string `json:"session,omitempty"`
	AAL     string `json:"aal,omitempty"`
	// Client is the OAuth2 client that it is about.
	Client   string   `json:"client_id,omitempty"`
	Scopes   []string `json:"scopes,omitempty"`
	Audience []string `json:"audience,omitempty"`
	// Remembered says that nobody was asked: of the consent.
	Remembered bool `json:"remembered,omitempty"`
	// Grant is the grant type that a token is asked for with.
	Grant string `json:"grant,omitempty"`
	// Reason is why all access of a person ended.
	Reason string `json:"reason,omitempty"`
	// Request is the id of the request, which is in the log.
	Request string `json:"request_id,omitempty"`
	// Traits are sent where the hook includes them.
	Traits json.RawMessage `json:"traits,omitempty"`
}

// payload is the body of a call.
type payload struct {
	// Version grows when something is taken away or changes its meaning.
	Version int    `json:"version"`
	ID      string `json:"id"`
	Event   Event  `json:"event"`
	Time    string `json:"time"`
	Test    bool   `json:"test,omitempty"`
	Occasion
}

const version = 1

// body words a call of a hook.
func (h *Hook) body(id string, e Event, at time.Time, o Occasion, test bool) ([]byte, error) {
	if !h.Traits {
		o.Traits = nil
	}
	raw, err := json.Marshal(payload{
		Version: version, ID: id, Event: e, Time: at.UTC().Format("2006-01-02T15:04:05.000Z"), Test: test, Occasion: o,
	})
	if err != nil {
		return nil, fmt.Errorf("wording a hook's call: %w", err)
	}
	return raw, nil
}

func newID() string { return "evt_" + rand.Text() }
