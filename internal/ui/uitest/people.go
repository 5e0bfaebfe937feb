package uitest

import (
	"context"
	"net/http"
	"time"

	"example.com/identityd/internal/identity"
)

// RequestID is the id that pages show.
func RequestID(context.Context) string { return "5f0c8a1e7b2d4c66" }

// ErrorCode is a code that pages show, the longest there is where none fits the status.
func ErrorCode(_ context.Context, status int) string {
	switch status {
	case http.StatusGone:
		return "page_expired"
	case http.StatusNotFound:
		return "nothing_there"
	case http.StatusTooManyRequests:
		return "too_many_attempts"
	}
	return "application_request_refused"
}

func day(hours int) time.Time {
	return time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
}

func session() *identity.Session {
	return &identity.Session{
		ID: "s1", Active: true, AAL: "aal2", AuthenticatedAt: day(0), ExpiresAt: day(24),
		Identity: identity.Identity{
			ID: "0b6c3f3e-5f0e-4c0e-9a53-0d1f6a1b2c3d", SchemaID: "default", State: "active",
			Traits:              map[string]any{"email": "anna@example.com", "name": "Anna Larsen"},
			VerifiableAddresses: []identity.VerifiableAddress{{Value: "anna@example.com", Via: "email", Verified: true}},
			CreatedAt:           day(-2400), UpdatedAt: day(-20),
		},
	}
}

func notes() identity.Client {
	return identity.Client{
		ID: "notes", Name: "Harbor Notes", URI: "https://notes.example", PolicyURI: "https://notes.example/privacy",
		TermsOfServiceURI: "https://notes.example/terms", RedirectURIs: []string{"https://notes.example/callback"},
	}
}

func calendar() identity.Client {
	client := notes()
	client.ID, client.Name = "calendar", "Harbor Calendar"
	return client
}

// loginRequest is what an application asks, at a Hydra that is at base.
func loginRequest(base string) identity.LoginRequest {
	return identity.LoginRequest{
		Challenge: "c", Client: calendar(), RequestURL: base + "/oauth2/auth?client_id=calendar&identityd_prompt=select_account",
		RequestedAt: time.Now(), SessionID: "h1",
	}
}

func consent() *identity.ConsentRequest {
	return &identity.ConsentRequest{
		Challenge: "c", Client: notes(), Subject: session().Identity.ID,
		RequestURL:     "https://id.example/oauth2/auth?redirect_uri=https%3A%2F%2Fnotes.example%2Fcallback",
		RequestedScope: []string{"openid", "profile", "email", "offline_access", "notes:write"},
	}
}

func letters() []identity.Mail {
	return []identity.Mail{
		{
			ID: "m2", From: "no-reply@id.example", To: []string{"anna@example.com"}, Date: day(1),
			Subject: "Use code 481516 to recover access to your account", Code: "481516",
			Text: "Recover access to your account by entering the following code:\n\n481516\n",
			HTML: "<p>Recover access to your account by entering the following code:</p><p>481516</p>",
		},
		{
			ID: "m1", From: "no-reply@id.example", To: []string{"bo@example.com"}, Date: day(0),
			Subject: "Please verify your email address", Code: "234210",
			Text: "Please verify your address by entering the following code:\n\n234210\n",
		},
	}
}
