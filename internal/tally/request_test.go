package tally_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tally"
)

func TestWhatARequestCounts(t *testing.T) {
	aal := map[string]string{"LoginRequestedAAL": "aal2", "SelfServiceMethodUsed": "totp"}
	code := map[string]string{"OAuth2GrantType": "authorization_code"}
	for name, tt := range map[string]struct {
		does   func(r *tally.Request)
		status int
		want   []tally.Count
	}{
		"nothing counts nothing": {func(*tally.Request) {}, 200, nil},
		"a wrong password is a failure with its reason, which comes later": {
			func(r *tally.Request) { r.Event("LoginFailed", nil); r.Because("kratos:4000006") }, 303,
			[]tally.Count{{tally.Failed, tally.Login, "wrong_credentials"}},
		},
		"the first reason that is known counts": {
			func(r *tally.Request) {
				r.Because("kratos:1234567")
				r.Because("kratos:4000008")
				r.Because("kratos:4000006")
				r.Event("LoginFailed", aal)
			}, 400, []tally.Count{{tally.Failed, tally.SecondFactor, "wrong_code"}},
		},
		"a failure that ended in 5xx was the service's, whatever was said of it": {
			func(r *tally.Request) { r.Event("LoginFailed", nil); r.Because("kratos:4000006") }, 503,
			[]tally.Count{{tally.Failed, tally.Login, tally.Unavailable}},
		},
		"a failure without a reason is another": {
			func(r *tally.Request) { r.Event("SettingsFailed", nil) }, 303, []tally.Count{{tally.Failed, tally.Settings, tally.Other}},
		},
		"a second factor is no sign-in of its own": {
			func(r *tally.Request) { r.Begin(tally.SecondFactor); r.Event("LoginSucceeded", aal) }, 303,
			[]tally.Count{{Kind: tally.Began, Of: tally.SecondFactor}, {tally.Completed, tally.SecondFactor, "totp"}},
		},
		"a transaction that is run again counts once": {
			func(r *tally.Request) { r.Event("RegistrationSucceeded", nil); r.Event("RegistrationSucceeded", nil) }, 303,
			[]tally.Count{{tally.Completed, tally.Registration, "none"}},
		},
		"what was rolled back is unavailable": {
			func(r *tally.Request) { r.Event("RecoverySucceeded", nil); r.Event("OAuth2LoginAccepted", nil) }, 503,
			[]tally.Count{{tally.Failed, tally.Recovery, tally.Unavailable}},
		},
		"tokens of a person are the end of a sign-in": {
			func(r *tally.Request) { r.Ask("authorization_code"); r.Event("OAuth2AccessTokenIssued", code) }, 200,
			[]tally.Count{{Kind: tally.Issued, Of: tally.AuthorizationCode}, {Kind: tally.Reached, Of: tally.StageTokens}},
		},
		"tokens that were refused in the end were not issued": {
			func(r *tally.Request) {
				r.Ask("authorization_code")
				r.Event("OAuth2AccessTokenIssued", code)
				r.Because("oauth:invalid_grant")
			}, 400, []tally.Count{{tally.Refused, tally.AuthorizationCode, "invalid_grant"}},
		},
		"what is made up is other": {
			func(r *tally.Request) { r.Ask("grant-of-mine"); r.Because("oauth:made_up_by_somebody") }, 400,
			[]tally.Count{{tally.Refused, tally.Other, tally.Other}},
		},
		"an application that has to wait is refused": {
			func(r *tally.Request) { r.Ask("client_credentials"); r.Because("throttled") }, 429,
			[]tally.Count{{tally.Refused, "client_credentials", tally.Throttled}},
		},
		"a database that is away refuses too": {
			func(r *tally.Request) { r.Ask("refresh_token") }, 503, []tally.Count{{tally.Refused, "refresh_token", tally.Unavailable}},
		},
		"a person who says no is a reason": {
			func(r *tally.Request) { r.Event("OAuth2ConsentRejected", nil) }, 200,
			[]tally.Count{{tally.Failed, tally.Consent, "refused_by_person"}},
		},
		"spans of Hydra begin what no event tells": {
			func(r *tally.Request) {
				r.Span("persistence.sql.CreateLoginRequest")
				r.Span("persistence.sql.GetClient")
				r.Span("persistence.sql.CreateConsentRequest")
			}, 303, []tally.Count{{Kind: tally.Reached, Of: tally.StageBegan}, {Kind: tally.Began, Of: tally.Consent}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r tally.Request
			tt.does(&r)
			if diff := cmp.Diff(tt.want, r.End(tt.status)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r.Begin(tally.Login) // a handler that missed its deadline goes on
			if late := r.End(200); len(late) > 1 || len(late) == 1 && late[0].Kind == tally.Began {
				t.Errorf("got %v after the end", late)
			}
		})
	}
}

// TestWhatARequestHoldsIsBounded: a request that says everything is kept sixteen things of.
func TestWhatARequestHoldsIsBounded(t *testing.T) {
	var r tally.Request
	for _, flow := range tally.Flows() {
		r.Begin(flow)
	}
	for _, grant := range tally.Grants() {
		r.Event("OAuth2AccessTokenIssued", map[string]string{"OAuth2GrantType": grant})
	}
	for _, flow := range []string{"Login", "Registration", "Settings", "Recovery", "Verification"} {
		r.Event(flow+"Failed", nil)
		r.Event(flow+"Succeeded", nil)
	}
	if got := len(r.End(200)); got != 16 {
		t.Errorf("got %d, want 16", got)
	}
}

func TestEveryWordIsOfAList(t *testing.T) {
	for _, sent := range []string{"", "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x", "none\n"} {
		found := false
		for _, g := range tally.Grants() {
			found = found || g == tally.GrantOf(sent)
		}
		if !found {
			t.Errorf("%q is counted as %q, which is in no list", sent, tally.GrantOf(sent))
		}
	}
}
