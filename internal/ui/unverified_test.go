package ui

import (
	"net/http"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestApplicationsWaitUntilAChangedAddressIsVerified(t *testing.T) {
	signedInWith := func(verified bool) *fake {
		f := engines()
		f.whoami = func(string) (*identity.Session, error) {
			s := annaHere()
			s.Identity.VerifiableAddresses = []identity.VerifiableAddress{{Value: "anna@example.com", Via: "email", Verified: verified}}
			return &s, nil
		}
		return f
	}
	for name, tt := range map[string]struct {
		required, verified, skip bool
		want                     string // empty is the page that says so
	}{
		"verified goes on":                          {true, true, false, accepted},
		"not verified goes on where it need not":    {false, false, false, accepted},
		"not verified is told to":                   {true, false, false, ""},
		"a session that is remembered is forgotten": {true, false, true, hydraURL + "/oauth2/auth?client_id=app&state=s1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := asking(signedInWith(tt.verified), func(r *identity.LoginRequest) {
				if tt.skip {
					r.Skip, r.Subject = true, "anna-id"
				}
			})
			cfg := config(f)
			cfg.VerifiedRequired = tt.required
			a := newBrowser(t, newUIWith(t, cfg)).get("/login?login_challenge=c")
			if tt.want != "" {
				a.goesTo(tt.want)
				return
			}
			a.shows(http.StatusForbidden).One(`a[href="/verification"]`)
		})
	}
}
