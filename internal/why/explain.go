package why

import "slices"

// The outcomes of an answer.
const (
	OutcomeDone    = "done"
	OutcomeFailed  = "failed"
	OutcomeUnknown = "unknown"
)

// Answer says why.
type Answer struct {
	Request string `json:"request"`
	Outcome string `json:"outcome"`
	// Cause is the code of a row of the catalog, empty where none fits.
	Cause string `json:"cause"`
	// Shown is the code that whoever asked was told, where it was another one: the trail may know more than the answer did.
	Shown    string `json:"shown,omitempty"`
	Sentence string `json:"sentence"`
	Cure     string `json:"cure"`
	// At is the request that the cause is in, which need not be the one that was asked for.
	At      string `json:"at,omitempty"`
	Client  string `json:"client_id,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Story is the sign-in as its traces have it (identityd.sign_in).
	Story string  `json:"story,omitempty"`
	Steps []*Step `json:"steps"`
}

// Cause is a row of the catalog.
type Cause struct {
	// Name is the code that people quote and programs compare. It is for ever (docs/adr/0078-codes.md).
	Name string
	// Is recognizes a step that ended because of it.
	Is func(*Step) bool
	// Seen is what whoever meets it sees. Means tells of nobody in particular what happened, where Sentence cannot.
	Seen, Means string
	// Sentence tells what happened, and Cure what to do about it.
	Sentence, Cure func(*Tale, *Step) string
}

// Catalog are all causes that are known. The first one that fits is taken.
func Catalog() []Cause {
	return slices.Concat(serviceCauses(), adminCauses(), doorCauses(), personCauses(), oauthCauses(), lastCauses())
}

// Explain says why a tale ended as it did.
func Explain(t *Tale) Answer {
	a := Answer{Request: t.Asked, Outcome: OutcomeUnknown, Client: t.Client(), Subject: t.Subject(), Story: t.Story, Steps: t.Steps}
	if a.Steps == nil {
		a.Steps = []*Step{}
	}
	asked := t.asked()
	if asked == nil {
		return a
	}
	if c, ok := causeOf(asked); ok {
		a.tell(t, asked, c)
		if succeeded(t, asked) {
			a.Sentence += " Later it went well."
		}
		return a
	}
	// What was asked for is a step that did what it should: what became of the whole?
	for _, s := range slices.Backward(t.Steps) {
		c, failed := causeOf(s)
		if !failed {
			continue
		}
		if succeeded(t, s) {
			break
		}
		a.tell(t, s, c)
		a.Sentence = "That request itself went well, and the sign-in that it is a step of did not. " + a.Sentence
		return a
	}
	a.Outcome, a.At = OutcomeDone, asked.Request
	a.Sentence, a.Cure = wentWell(t, asked), "Nothing is wrong here."
	return a
}

func (a *Answer) tell(t *Tale, s *Step, c Cause) {
	a.Outcome, a.Cause, a.At = OutcomeFailed, c.Name, s.Request
	if s.Code != c.Name {
		a.Shown = s.Code
	}
	a.Sentence, a.Cure = c.Sentence(t, s), c.Cure(t, s)
}

func causeOf(s *Step) (Cause, bool) { return first(Catalog(), s) }

// succeeded reports whether a sign-in went well after a step.
func succeeded(t *Tale, after *Step) bool {
	for _, s := range t.Steps {
		if s == after || s.At.Before(after.At) {
			continue
		}
		if e, ok := s.event(
			"OAuth2AccessTokenIssued", "OAuth2ConsentAccepted", "LoginSucceeded", "RegistrationSucceeded", "RecoverySucceeded", "VerificationSucceeded",
			"PasswordChanged", "SettingsSucceeded",
		); ok && e.Outcome == "done" {
			return true
		}
	}
	return false
}
