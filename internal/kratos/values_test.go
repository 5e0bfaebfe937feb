package kratos

import (
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/identity"
)

var update = golden.Flag()

func sample() Config {
	return Config{
		PublicURL: "https://kratos.example.com", AdminURL: "http://kratos-admin.invalid",
		Pages: Pages{
			Home: "https://ui.example.com/", Account: "https://ui.example.com/account/", Login: "https://ui.example.com/login",
			Registration: "https://ui.example.com/registration", Settings: "https://ui.example.com/settings",
			Recovery: "https://ui.example.com/recovery", Verification: "https://ui.example.com/verification",
			Error: "https://ui.example.com/error", SignedOut: "https://ui.example.com/account/signed-out",
		},
		ReturnTo:      []string{"https://shop.example.com/"},
		DSN:           "cockroach://u:p@db/kratos?max_conns=20",
		CookieDomain:  "example.com",
		SessionDomain: "example.com",
		CookieSecrets: []string{strings.Repeat("c", 32)}, CipherSecrets: []string{strings.Repeat("k", 32)},
		Schemas:       []Schema{{ID: "email@1", Raw: []byte(`{}`)}},
		DefaultSchema: "email@1",
		Password:      Password{Enabled: true, MinLength: 12},
		Login: Login{
			Passkey: true, TOTP: true, SecurityKey: true, LookupCodes: true, SecondFactor: true, Issuer: "Example",
			RelyingParty: "ui.example.com", Origins: []string{"https://ui.example.com"},
			Providers: []Provider{
				{ID: "google", Kind: "google", Label: "Google", ClientID: "a", ClientSecret: "b", Scopes: []string{"openid", "email"}, Mapper: "{}"},
				{ID: "work", Kind: "microsoft", Label: "Work", ClientID: "a", ClientSecret: "b", Tenant: "common", Scopes: []string{"openid"}, Mapper: "{}"},
				{ID: "apple", Kind: "apple", Label: "Apple", ClientID: "a", TeamID: "t", PrivateKeyID: "k", Private: "p", Scopes: []string{"name"}, Mapper: "{}"},
			},
		},
		Mail: &Mail{URL: "smtps://u:p@mail:465", From: "no-reply@example.com", FromName: "Example", ReplyTo: "help@example.com", Templates: []Template{
			{Kind: "recovery_code_valid", Subject: "subject", Text: "text", HTML: "html"},
		}},
		VerifyAddress: true,
		Origins:       []string{"https://app.example.com"},
		Session:       Session{Lifespan: 720 * time.Hour, Privileged: 15 * time.Minute, Remember: identity.RememberOffered},
	}
}

func TestTheSessionOfOneOriginStaysOnIt(t *testing.T) {
	c := sample()
	c.CookieDomain, c.SessionDomain, c.HostCookies = "", "", true
	v := values(c)
	if got, want := v["session.cookie.name"], "__Host-ory_kratos_session"; got != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for _, word := range []string{"cookies.domain", "session.cookie.domain"} {
		if got, ok := v[word]; ok {
			t.Errorf("%s: got %v, want none", word, got)
		}
	}
}

func TestValues(t *testing.T) {
	t.Run("a production configuration", func(t *testing.T) {
		golden.JSON(t, *update, "production.json", values(sample()))
	})
	t.Run("nobody to send mail, nobody to sign up", func(t *testing.T) {
		c := sample()
		c.Mail, c.Registration.Closed, c.Login = nil, true, Login{}
		golden.JSON(t, *update, "closed.json", values(c))
	})
	t.Run("development with a verbatim block", func(t *testing.T) {
		c := sample()
		c.VerifyAddress, c.Registration = false, Registration{TwoSteps: true}
		c.Links, c.Login.IdentifierFirst, c.Login.Code, c.Login.Providers = true, true, true, nil
		c.PublicURL, c.Dev, c.CookieDomain, c.SessionDomain, c.Session.Remember = "http://localhost:4433", true, "", "", identity.RememberNever
		c.Extra = map[string]any{"hashers": map[string]any{"argon2": map[string]any{"iterations": 3}}}
		golden.JSON(t, *update, "development.json", values(c))
	})
}
