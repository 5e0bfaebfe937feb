package stacktest

import (
	"net/url"
	"strings"
	"testing"
)

// signedInAs says whether a browser is signed in as the person that id was. A provider vouches for who was deleted too:
// that is a new account, and nothing of the old one.
func signedInAs(s *Stack, b *Browser, id string) string {
	b.t.Helper()
	if got := b.whoami(s); got != nil && got.Identity.ID == id {
		return "signed in at " + b.URL.Path
	}
	return ""
}

func idOf(t *testing.T, s *Stack, email string) string {
	t.Helper()
	var people []struct{ ID string }
	get(t, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier="+url.QueryEscape(email), &people)
	if len(people) == 0 {
		t.Fatalf("there is no %s", email)
	}
	return people[0].ID
}

// passkeyDoors are those of a person who has a passkey. That it signs in at all is seen where the person stays active.
func passkeyDoors() []door {
	withPasskey := func(t *testing.T, s *Stack, email string) *device {
		t.Helper()
		b := NewBrowser(t)
		signIn(b, s, email)
		return b.addPasskey(s)
	}
	return []door{
		{name: "a passkey", own: true, make: func(t *testing.T, s *Stack, email string) func() string {
			d := withPasskey(t, s, email)
			return func() string {
				b := NewBrowser(t)
				b.Open(s.URLs.UI + "/login")
				b.answer(s, b.usesPasskey(s, d))
				return signedIn(s, b)
			}
		}},
		{name: "a passkey that was asked before, on the way to an application", own: true, make: func(t *testing.T, s *Stack, email string) func() string {
			d, b := withPasskey(t, s, email), NewBrowser(t)
			b.Open(vaultAsks(s))
			signed, later := b.usesPasskey(s, d), b.later(s)
			return func() string {
				later(signed)
				if got := signedIn(s, b); got != "" {
					return got
				}
				return gotTokens(t, s, b)
			}
		}},
		{name: "a passkey that is being added", make: func(t *testing.T, s *Stack, email string) func() string {
			b, d := NewBrowser(t), newDevice(t)
			signIn(b, s, email)
			b.Open(s.URLs.UI + "/settings")
			made, later := d.create(s.URLs.UI, b.given(s, "passkey_create_data")), b.later(s)
			return func() string {
				later(map[string]string{"passkey_settings_register": made})
				if got := signedIn(s, b); got != "" {
					return got
				}
				other := NewBrowser(t)
				other.Open(s.URLs.UI + "/login")
				other.answer(s, other.usesPasskey(s, d))
				return signedIn(s, other)
			}
		}},
	}
}

// goesLinking leaves from the settings for a provider that is to be linked.
func (b *Browser) goesLinking(s *Stack, email string) {
	b.t.Helper()
	signIn(b, s, email)
	b.Open(s.URLs.UI + "/settings")
	b.answer(s, map[string]string{"link": "work"})
}

// providerDoors are those of a person whom a provider vouches for, who is linked by the first.
func providerDoors() []door {
	nameOf := func(email string) string { return strings.TrimSuffix(email, "@example.com") }
	return []door{
		{name: "a provider", own: true, make: func(t *testing.T, s *Stack, email string) func() string {
			linking, id := NewBrowser(t), idOf(t, s, email)
			linking.goesLinking(s, email)
			linking.Submit("form", map[string]string{"name": nameOf(email)})
			return func() string {
				b := NewBrowser(t)
				b.Open(s.URLs.UI + "/login")
				b.goesUpstream(s, nameOf(email))
				return signedInAs(s, b, id)
			}
		}},
		{name: "the page of a provider that is open, on the way to an application", own: true, make: func(t *testing.T, s *Stack, email string) func() string {
			b, id := NewBrowser(t), idOf(t, s, email)
			b.Open(vaultAsks(s))
			b.answer(s, map[string]string{"provider": "work"})
			return func() string {
				b.Submit("form", map[string]string{"name": nameOf(email)})
				return signedInAs(s, b, id)
			}
		}},
		{name: "the way back from a provider", own: true, make: func(t *testing.T, s *Stack, email string) func() string {
			b, id := NewBrowser(t), idOf(t, s, email)
			b.Open(s.URLs.UI + "/login")
			b.answer(s, map[string]string{"provider": "work"})
			kept := holdBack(b, "code")
			b.Submit("form", map[string]string{"name": nameOf(email)})
			to := kept()
			return func() string { b.Open(to); return signedInAs(s, b, id) }
		}},
	}
}

// linkedWhileDisabled: the page of the provider is open when the person is disabled, and what it says then counts for
// nothing, not even once the person may come back.
func linkedWhileDisabled(t *testing.T, admin, s *Stack) {
	const email, name = "linda@example.com", "linda-at-work"
	id, b := member(t, s, email), NewBrowser(t)
	b.goesLinking(s, email)
	setState(t, admin, id, "inactive")
	b.Submit("form", map[string]string{"name": name})
	if got := signedInAs(s, b, id); got != "" {
		t.Errorf("the door is open: %s", got)
	}
	setState(t, admin, id, "active")
	for _, who := range []*Browser{b, NewBrowser(t)} {
		who.Open(s.URLs.UI + "/login")
		who.answer(s, map[string]string{"provider": "work"})
		if who.URL.Hostname() == "127.0.0.1" { // it knows the first one already
			who.Submit("form", map[string]string{"name": name})
		}
		if got := signedInAs(s, who, id); got != "" {
			t.Errorf("the provider was linked: %s", got)
		}
	}
}
