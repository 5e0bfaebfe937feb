package ui

import (
	"context"
	"time"

	"example.com/identityd/internal/identity"
)

// accountFake stands for what the account pages ask of both engines. A function that is nil must not
// be called.
type accountFake struct {
	activity     []identity.Activity
	sessions     func(person string, page, size int) ([]identity.Session, int, error)
	revoke       func(cookie, id string) error
	endOthers    func(cookie string) error
	credentials  func(person string) ([]identity.Factor, error)
	remove       func(person string) error
	grants       func(person string) ([]identity.Grant, error)
	revokeGrants func(person, client string) error
}

func (f *accountFake) SessionsOf(
	_ context.Context, person string, page, size int,
) ([]identity.Session, int, error) {
	return f.sessions(person, page, size)
}

func (f *accountFake) RevokeSession(_ context.Context, cookie, id string) error {
	return f.revoke(cookie, id)
}

func (f *accountFake) RevokeOtherSessions(_ context.Context, cookie string) error {
	return f.endOthers(cookie)
}

func (f *accountFake) FactorsOf(_ context.Context, person string) ([]identity.Factor, error) {
	return f.credentials(person)
}

func (f *accountFake) DeleteIdentity(_ context.Context, person string) error { return f.remove(person) }

func (f *accountFake) Grants(_ context.Context, person string) ([]identity.Grant, error) {
	return f.grants(person)
}

func (f *accountFake) RevokeGrants(_ context.Context, person, client string) error {
	return f.revokeGrants(person, client)
}

const (
	hereID  = "0b8ba4a4-7b5e-4b0a-9d8e-000000000001"
	phoneID = "0b8ba4a4-7b5e-4b0a-9d8e-000000000002"
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 " +
		"(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

// annaHere is the session of the browser of the tests, which began an hour ago.
func annaHere() identity.Session {
	begun := time.Now().Add(-time.Hour).Truncate(time.Second)
	return identity.Session{
		ID: hereID, Active: true, AAL: "aal1", IssuedAt: begun, AuthenticatedAt: begun,
		ExpiresAt: begun.Add(720 * time.Hour),
		Methods:   []identity.Method{{Method: "password", AAL: "aal1"}},
		Devices:   []identity.Device{{IPAddress: "192.0.2.7:51234", UserAgent: firefox}},
		Identity:  anna(),
	}
}

func annaOnThePhone() identity.Session {
	begun := time.Now().Add(-48 * time.Hour).Truncate(time.Second)
	return identity.Session{
		ID: phoneID, Active: true, AAL: "aal1", IssuedAt: begun, AuthenticatedAt: begun.Add(time.Hour),
		ExpiresAt: begun.Add(722 * time.Hour),
		Methods:   []identity.Method{{Method: "oidc", Provider: "github"}},
		Devices:   []identity.Device{{IPAddress: "2001:db8::7", UserAgent: iphone}},
	}
}

// Activity implements Activity.
func (f *accountFake) Activity(_ context.Context, _ string, page, _ int) ([]identity.Activity, bool, error) {
	if page > 1 {
		return nil, false, nil
	}
	return f.activity, true, nil
}

// accounts answers as for Anna with two sessions, two applications and a few factors.
func accounts() *accountFake {
	made := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return &accountFake{
		activity: []identity.Activity{
			{At: made, Kind: "LoginFailed", Failed: true, Count: 3, Device: identity.Device{IPAddress: "192.0.2.1", UserAgent: "<b>"}},
			{At: made, Kind: "ConsentGranted", Client: "notes"},
			{At: made, Kind: "SessionEnded", What: "all", ByOthers: true},
		},
		sessions: func(_ string, _, _ int) ([]identity.Session, int, error) {
			here := annaHere()
			here.AAL, here.Methods = "aal2", []identity.Method{{Method: "password"}, {Method: "totp"}, {Method: "password"}}
			return []identity.Session{annaOnThePhone(), here}, 2, nil
		},
		revoke:    func(string, string) error { return nil },
		endOthers: func(string) error { return nil },
		credentials: func(string) ([]identity.Factor, error) {
			return []identity.Factor{
				{Type: "password", Identifiers: []string{"anna@example.com"}, SetAt: made},
				{Type: "lookup_secret", Codes: 12, Left: 2, SetAt: made},
				{Type: "webauthn", Keys: []identity.Key{{Name: "Blue key", AddedAt: made}}},
				{Type: "oidc", Identifiers: []string{"github:4711", "acme:1"}},
			}, nil
		},
		remove: func(string) error { return nil },
		grants: func(string) ([]identity.Grant, error) {
			return []identity.Grant{
				{
					Client: identity.Client{ID: "notes", Name: "Notes", URI: "https://notes.example/"},
					Scope:  []string{"openid", "offline_access"}, Since: made, Latest: made, Refresh: true,
				},
				{Client: identity.Client{ID: "own", SkipConsent: true}, Since: made, Latest: made},
			}, nil
		},
		revokeGrants: func(string, string) error { return nil },
	}
}

func accountRules() AccountRules {
	return AccountRules{
		Privileged: 15 * time.Minute, Deletion: true,
		Factors: Factors{
			Password: true, Passkey: true, SecurityKey: true, TOTP: true, RecoveryCodes: true, Providers: true,
		},
	}
}

// justNow makes Anna one who proved who she is a moment ago.
func justNow(f *fake) {
	f.whoami = func(string) (*identity.Session, error) {
		s := annaHere()
		s.AuthenticatedAt = time.Now().Add(-time.Minute)
		return &s, nil
	}
}

// accountSamples are the addresses of the account pages for the walks over all pages.
func accountSamples() map[string][]string {
	return map[string][]string{
		accountPath + "{$}": {accountPath},
		securityPath:        {securityPath},
		activityPath:        {activityPath, activityPath + "?page=2"},
		sessionsPath:        {sessionsPath, sessionsPath + "?page=2&done=one"},
		applicationsPath:    {applicationsPath, applicationsPath + "?done=one"},
		dataPath:            {dataPath},
		deletePath:          {deletePath},
		deletedPath:         {deletedPath},
	}
}
