package uitest

import (
	"strconv"
	"time"

	"example.com/identityd/internal/identity"
)

func accountStates() []State {
	const home, security, sessions = "GET /account/{$}", "GET /account/security", "GET /account/sessions"
	const applications, data, deletion = "GET /account/applications", "GET /account/data", "GET /account/delete"
	fresh := func(w *World) { w.Session.AuthenticatedAt = time.Now() }
	return []State{
		{Name: "account", Route: home, Target: "/account/", World: settled},
		{Name: "account-hints", Route: home, Target: "/account/", World: func(w *World) {
			w.Session.Identity.VerifiableAddresses[0].Verified = false
			w.Factors = factors()[:1]
		}},
		{Name: "account-down", Route: home, Target: "/account/", Status: 503, World: func(w *World) { w.Down = true }},
		{Name: "security", Route: security, Target: "/account/security", World: settled},
		{Name: "security-bare", Route: security, Target: "/account/security", World: func(w *World) { w.Factors = factors()[:1] }},
		{Name: "sessions", Route: sessions, Target: "/account/sessions", World: settled},
		{Name: "sessions-alone", Route: sessions, Target: "/account/sessions?done=others", World: func(w *World) {
			w.Session.Devices = browsers()[:1]
		}},
		{Name: "sessions-many", Route: sessions, Target: "/account/sessions?page=2", World: func(w *World) {
			for range 50 {
				w.Sessions = append(w.Sessions, elsewhere()[0])
			}
		}},
		{Name: "activity", Route: "GET /account/activity", Target: "/account/activity", World: func(w *World) { w.Activity = activity() }},
		{Name: "activity-none", Route: "GET /account/activity", Target: "/account/activity?page=2"},
		{Name: "applications", Route: applications, Target: "/account/applications", World: settled},
		{Name: "applications-none", Route: applications, Target: "/account/applications?done=one"},
		{Name: "applications-many", Route: applications, Target: "/account/applications?page=2", World: func(w *World) {
			for i := range 25 {
				g := grants()[0]
				g.Client.Name += " " + strconv.Itoa(i)
				w.Grants = append(w.Grants, g)
			}
		}},
		{Name: "data", Route: data, Target: "/account/data"},
		{Name: "data-fresh", Route: data, Target: "/account/data", World: fresh},
		{Name: "delete", Route: deletion, Target: "/account/delete"},
		{Name: "delete-fresh", Route: deletion, Target: "/account/delete", World: fresh},
		{Name: "deleted", Route: "GET /account/deleted", Target: "/account/deleted", World: func(w *World) { w.Session = nil }},
	}
}

// activity is one of each kind that a person sees.
func activity() []identity.Activity {
	at := day(-1)
	list := []identity.Activity{
		{Kind: "LoginSucceeded", Method: "password"},
		{Kind: "LoginFailed", Failed: true, Count: 4},
		{Kind: "SessionEnded", What: "others"},
		{Kind: "PasswordChanged"},
		{Kind: "ConsentGranted", Client: "calendar"},
		{Kind: "ApplicationRevoked", Client: "gone-application"},
		{Kind: "FactorAdded", What: "totp"},
		{Kind: "ProviderLinked", What: "github"},
		{Kind: "SessionEnded", What: "all", ByOthers: true},
		{Kind: "ProfileChanged", Failed: true},
		{Kind: "AccountExported"},
		{Kind: "VerificationSucceeded"},
		{Kind: "RegistrationSucceeded"},
	}
	for i := range list {
		list[i].At = at
		if !list[i].ByOthers {
			list[i].Device = browsers()[i%len(browsers())]
		}
	}
	return list
}

// settled is an account that has been used for a while.
func settled(w *World) {
	w.Factors, w.Grants, w.Sessions = factors(), grants(), elsewhere()
	w.Session.IssuedAt, w.Session.AAL = day(-30), "aal2"
	w.Session.Methods = []identity.Method{{Method: "password"}, {Method: "totp"}}
	w.Session.Devices = browsers()[:1]
}

func browsers() []identity.Device {
	return []identity.Device{
		{
			IPAddress: "192.0.2.17",
			UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
		},
		{
			IPAddress: "2001:db8:4f:12::7",
			UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		},
		{IPAddress: "198.51.100.4", UserAgent: "backup-tool/2.1"},
	}
}

func elsewhere() []identity.Session {
	var out []identity.Session
	for i, method := range []identity.Method{{Method: "passkey"}, {Method: "oidc", Provider: "github"}} {
		out = append(out, identity.Session{
			ID: "0b6c3f3e-5f0e-4c0e-9a53-00000000000" + strconv.Itoa(i), Active: true, AAL: "aal1",
			IssuedAt: day(-200), AuthenticatedAt: day(-200 + i*90), ExpiresAt: day(600),
			Methods: []identity.Method{method}, Devices: browsers()[i+1 : i+2],
		})
	}
	return out
}

func factors() []identity.Factor {
	return []identity.Factor{
		{Type: identity.PasswordCredential, SetAt: day(-2400)},
		{Type: identity.PasskeyCredential, Keys: []identity.Key{{Name: "Anna’s phone", AddedAt: day(-900)}, {AddedAt: day(-20)}}},
		{Type: identity.TOTPCredential, SetAt: day(-800)},
		{Type: identity.RecoveryCodesCredential, SetAt: day(-800), Codes: 12, Left: 2},
		{Type: identity.ProviderCredential, Identifiers: []string{"github:4711"}},
	}
}

func grants() []identity.Grant {
	diary := identity.Client{ID: "diary", Name: "Northwind Diary", SkipConsent: true}
	return []identity.Grant{
		{
			Client: notes(), Scope: []string{"openid", "profile", "email", "offline_access", "notes:write"},
			Since: day(-2000), Latest: day(-3), Refresh: true, Access: true,
		},
		{Client: diary, Scope: []string{"openid"}, Since: day(-500), Latest: day(-1), Access: true},
		{Client: identity.Client{ID: "6f1c1a52"}, Scope: []string{"openid"}, Since: day(-900), Latest: day(-900), Remembered: true},
	}
}
