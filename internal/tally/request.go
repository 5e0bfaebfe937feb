package tally

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Kind is what is counted.
type Kind int

// What is counted: of a flow that it began, was completed and by which method, failed and why; of a sign-in that it
// reached a stage; of tokens that some were issued by a grant, or refused and why.
const (
	Began Kind = iota
	Completed
	Failed
	Reached
	Issued
	Refused
)

// Count is one thing to count. Of is a flow, a stage or a grant, and By a method or a reason.
type Count struct {
	Kind   Kind
	Of, By string
}

// most bounds what one request may hold.
const most = 16

// Request is what one request did. What the parts say of it waits until it is over: only then is known what became
// of it, and why. The zero value is ready.
type Request struct {
	mu      sync.Mutex
	ended   bool
	seen    []Count
	reason  string // of flows
	refusal string // of tokens
	grant   string
	asked   bool // for a token
}

// add keeps a count once: a transaction that is run again says everything again.
func (r *Request) add(c Count) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended && len(r.seen) < most && !slices.Contains(r.seen, c) {
		r.seen = append(r.seen, c)
	}
}

// Begin takes a flow that begins.
func (r *Request) Begin(flow string) { r.add(Count{Kind: Began, Of: within(flow, Flows())}) }

// Because takes why something failed. The first cause that is known counts.
func (r *Request) Because(cause string) {
	reason := reasonOf(cause)
	refusal, ofToken := refusalOf(cause)
	r.mu.Lock()
	defer r.mu.Unlock()
	if reason != Other && (r.reason == "" || r.reason == Other) {
		r.reason = reason
	}
	if ofToken && r.refusal == "" {
		r.refusal = refusal
	}
}

// Ask takes the grant type that the token endpoint is asked for.
func (r *Request) Ask(grant string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked, r.grant = true, GrantOf(grant)
}

// Span takes the name of a span of Hydra's, which tells by no event that something begins. It is called for every
// span, and costs nothing for all others.
func (r *Request) Span(name string) {
	switch name {
	case "persistence.sql.CreateLoginRequest":
		r.add(Count{Kind: Reached, Of: StageBegan})
	case "persistence.sql.CreateConsentRequest":
		r.add(Count{Kind: Began, Of: Consent})
	case "persistence.sql.CreateLogoutRequest":
		r.add(Count{Kind: Began, Of: Logout})
	case "persistence.sql.VerifyAndInvalidateLogoutRequest":
		r.add(Count{Kind: Completed, Of: Logout, By: none})
	case "persistence.sql.CreateAuthorizeCodeSession":
		r.add(Count{Kind: Reached, Of: StageCode})
	}
}

// IsSpan reports whether Span looks at spans of a name.
func IsSpan(name string) bool {
	switch name {
	case "persistence.sql.CreateLoginRequest", "persistence.sql.CreateConsentRequest", "persistence.sql.CreateLogoutRequest",
		"persistence.sql.VerifyAndInvalidateLogoutRequest", "persistence.sql.CreateAuthorizeCodeSession":
		return true
	}
	return false
}

// Event takes what an engine says happened.
func (r *Request) Event(name string, attrs map[string]string) {
	method := none
	if m := attrs["SelfServiceMethodUsed"]; m != "" {
		method = within(m, Methods())
	}
	switch name {
	case "OAuth2LoginAccepted":
		r.add(Count{Kind: Reached, Of: StageSignedIn})
	case "OAuth2ConsentAccepted":
		r.add(Count{Kind: Reached, Of: StageConsented})
		r.add(Count{Kind: Completed, Of: Consent, By: none})
	case "OAuth2ConsentRejected":
		r.Because("oauth:access_denied")
		r.add(Count{Kind: Failed, Of: Consent})
	case "OAuth2AccessTokenIssued":
		grant := GrantOf(attrs["OAuth2GrantType"])
		r.add(Count{Kind: Issued, Of: grant})
		if grant == AuthorizationCode {
			r.add(Count{Kind: Reached, Of: StageTokens})
		}
	case "OAuth2TokenExchangeError":
		r.mu.Lock()
		r.asked = true
		r.mu.Unlock()
	case "SessionRevoked":
		r.add(Count{Kind: Completed, Of: Logout, By: none})
	default:
		if flow, ok := strings.CutSuffix(name, "Succeeded"); ok {
			if flow, ok = flowOf(flow, attrs); ok {
				r.add(Count{Kind: Completed, Of: flow, By: method})
			}
		} else if flow, ok := strings.CutSuffix(name, "Failed"); ok {
			if flow, ok = flowOf(flow, attrs); ok {
				r.add(Count{Kind: Failed, Of: flow})
			}
		}
	}
}

// flowOf returns the flow that an event of Kratos is of.
func flowOf(name string, attrs map[string]string) (string, bool) {
	switch name {
	case "Login":
		if attrs["LoginRequestedAAL"] == "aal2" {
			return SecondFactor, true
		}
		return Login, true
	case "Registration":
		return Registration, true
	case "Settings":
		return Settings, true
	case "Recovery":
		return Recovery, true
	case "Verification":
		return Verification, true
	}
	return "", false
}

// End returns what a request that was answered with this status counts, and takes no more.
func (r *Request) End(status int) []Count {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if len(r.seen) == 0 && !r.asked {
		return nil
	}
	refused := r.asked && status >= http.StatusBadRequest
	out := r.seen[:0]
	for _, c := range r.seen {
		switch {
		case c.Kind == Failed && status >= http.StatusInternalServerError:
			c.By = Unavailable
		case c.Kind == Failed:
			c.By = orOther(r.reason)
		case status >= http.StatusInternalServerError && c.Kind == Completed:
			// The engines tell of what they are about to do; a transaction that was rolled back did not.
			c = Count{Kind: Failed, Of: c.Of, By: Unavailable}
		case status >= http.StatusInternalServerError && c.Kind == Reached, refused && (c.Kind == Issued || c.Kind == Reached):
			continue
		}
		out = append(out, c)
	}
	if refused {
		c := Count{Kind: Refused, Of: r.grant, By: orOther(r.refusal)}
		if c.Of == "" {
			c.Of = none
		}
		if status >= http.StatusInternalServerError {
			c.By = Unavailable
		}
		out = append(out, c)
	}
	r.seen = nil
	return out
}

func orOther(word string) string {
	if word == "" {
		return Other
	}
	return word
}
