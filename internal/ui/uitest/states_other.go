package uitest

import (
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ui"
)

func oauthStates() []State {
	ask := func(change func(*identity.ConsentRequest)) func(*World) {
		return func(w *World) {
			w.Consent = consent()
			if change != nil {
				change(w.Consent)
			}
		}
	}
	const consents, logout = "GET /consent", "GET /logout"
	return []State{
		{Name: "consent", Route: consents, Target: "/consent?consent_challenge=c", World: ask(nil)},
		{Name: "consent-bare", Route: consents, Target: "/consent?consent_challenge=c", World: ask(func(r *identity.ConsentRequest) {
			r.Client = identity.Client{ID: "6f1c1a52", RedirectURIs: []string{"http://127.0.0.1/callback", "com.example.app:/callback"}}
			r.RequestURL, r.RequestedScope = "", nil
		})},
		{Name: "consent-logo", Route: consents, Target: "/consent?consent_challenge=c", World: ask(func(r *identity.ConsentRequest) {
			r.Client = calendar()
			r.RequestedScope = []string{"openid", "email", "groups", "calendar:write"}
			r.RequestedAudience = []string{"https://api.calendar.example"}
		})},
		{Name: "consent-unverified", Route: consents, Target: "/consent?consent_challenge=c", World: ask(func(r *identity.ConsentRequest) {
			r.Client = calendar()
			r.Client.Metadata = []byte(`{"identityd_registration":{"at":"2026-01-02T03:04:05Z"}}`)
			r.Client.RedirectURIs = []string{"http://127.0.0.1/callback"}
			r.RequestURL = "https://id.example/oauth2/auth?redirect_uri=http%3A%2F%2F127.0.0.1%3A43210%2Fcallback"
		})},
		{Name: "consent-gone", Route: consents, Target: "/consent?consent_challenge=c", Status: 404},
		{Name: "logout", Route: logout, Target: "/logout?logout_challenge=c", World: func(w *World) {
			client := notes()
			w.Logout = &identity.LogoutRequest{Challenge: "c", Client: &client}
		}},
		{Name: "logout-bare", Route: logout, Target: "/logout?logout_challenge=c", World: func(w *World) {
			w.Logout = &identity.LogoutRequest{Challenge: "c"}
		}},
	}
}

func otherStates() []State {
	return []State{
		{Name: "choose", Route: "GET /login", Target: "/login"},
		{Name: "enroll", Route: "GET " + ui.EnrollPath, Target: ui.EnrollPath, World: func(w *World) { w.Session.AAL = "aal1" }},
		{Name: "confirm-recovery", Route: "GET " + ui.ConfirmPath, Target: ui.ConfirmPath + "?kind=recovery&flow=f&token=t"},
		{Name: "confirm-verification", Route: "GET " + ui.ConfirmPath, Target: ui.ConfirmPath + "?kind=verification&flow=f&token=t"},
		{Name: "confirm-cut", Route: "GET " + ui.ConfirmPath, Target: ui.ConfirmPath + "?kind=recovery", Status: 400},
		{Name: "choose-app", Route: "GET /login", Target: "/login?login_challenge=c", World: func(w *World) {
			request := loginRequest("https://id.example")
			request.OpenID.LoginHint = "bo@example.com"
			w.Login = &request
		}},
		{Name: "onward", Route: "GET /account/{$}", Target: "/account/", World: func(w *World) { w.Waiting = true }},
		{Name: "continue-nowhere", Route: "GET /account/continue", Target: "/account/continue", Status: 404},
		{Name: "error-app", Route: "GET /error", Target: "/error?error=invalid_request&client_id=notes&error_description=The+request+is+missing+a+parameter&error_hint=The+%27redirect_uri%27+parameter+does+not+match", Status: 400},
		{Name: "help", Route: "GET /login/help", Target: "/login/help"},
		{Name: "home-stranger", Route: "GET /{$}", Target: "/", World: func(w *World) { w.Session = nil }},
		{Name: "error", Route: "GET /error", Target: "/error?id=e", Status: 400, World: func(w *World) {
			w.FlowError = &identity.FlowError{ID: "e", Status: 400, Reason: "The request was malformed or contained invalid parameters."}
		}},
		{Name: "error-disabled", Route: "GET /error", Target: "/error?id=e", Status: 401, World: func(w *World) {
			w.FlowError = &identity.FlowError{ID: "e", Kind: "identityd_account_disabled", Status: 401, Reason: "This account was disabled."}
		}},
		{Name: "error-csrf", Route: "GET /error", Target: "/error?id=e", Status: 403, World: func(w *World) {
			w.FlowError = &identity.FlowError{ID: "e", Status: 403, Reason: "A security violation was detected."}
		}},
		{Name: "error-oauth", Route: "GET /error", Target: "/error?error=invalid_client&error_description=The+client+is+not+known&error_hint=Check+client_id", Status: 400},
		{Name: "error-unknown", Route: "GET /error", Target: "/error", Status: 404},
		{Name: "unavailable", Route: "GET /{$}", Target: "/", Status: 503, World: func(w *World) { w.Down = true }},
		{Name: "not-found", Route: "/", Target: "/nowhere", Status: 404},
	}
}
