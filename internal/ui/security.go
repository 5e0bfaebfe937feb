package ui

import (
	"net/http"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

type securityPage struct {
	layout
	Hints   []hint
	Factors []factorRow
	// Activity says that there is a page of what happened.
	Activity bool
}

// hint is something that would make an account safer.
type hint struct {
	Text   string
	Action link
}

// changePasswordPath is where a password manager sends a person (W3C, A Well-Known URL for Changing
// Passwords).
const changePasswordPath = "/.well-known/change-password"

func (u *UI) changePassword(w http.ResponseWriter, _ *http.Request) error {
	return redirect(w, u.to(securityPath, nil))
}

func (u *UI) showSecurity(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	found, err := u.cfg.Account.FactorsOf(r.Context(), s.Identity.ID)
	if err != nil {
		return err
	}
	p := u.printer(r)
	return render(w, http.StatusOK, u.pages.Security, securityPage{
		layout:  u.inAccount(u.layout(r, "Security"), p, securityPath),
		Hints:   u.factorHints(p, found),
		Factors: u.factorRows(p, found),

		Activity: u.cfg.Activity != nil,
	})
}

// fewCodes is when somebody should make new recovery codes.
const fewCodes = 3

// factorHints say what is missing among the ways to sign in.
func (u *UI) factorHints(p *locale.Printer, set factorSet) []hint {
	if !u.cfg.Settings {
		return nil
	}
	offered := u.cfg.AccountRules.Factors
	codes, hasCodes := set.find(identity.RecoveryCodesCredential)
	toCodes := settingsPath + "#" + sectionAnchor(identity.RecoveryCodesCredential)
	switch {
	case !set.second() && offered.second():
		kind := identity.TOTPCredential
		if !offered.TOTP {
			kind = identity.SecurityKeyCredential
		}
		return []hint{{
			p.Text("Your account has no second step. With one, a stolen password is not enough to get in."),
			link{p.Text("Set up a second step"), settingsPath + "#" + sectionAnchor(kind)},
		}}
	case set.second() && !hasCodes && offered.RecoveryCodes:
		return []hint{{
			p.Text("Recovery codes let you in when your phone or key is lost. You have none yet."),
			link{p.Text("Make recovery codes"), toCodes},
		}}
	case hasCodes && codes.Left <= fewCodes:
		return []hint{{codesLeft(p, codes), link{p.Text("Make new recovery codes"), toCodes}}}
	default:
		return nil
	}
}

func (u *UI) addressHints(p *locale.Printer, s *identity.Session) []hint {
	if !u.cfg.Verification {
		return nil
	}
	for _, address := range s.Identity.VerifiableAddresses {
		if value := plain(address.Value, maxName); !address.Verified && value != "" {
			back := map[string][]string{"return_to": {u.to(accountPath, nil)}}
			return []hint{{
				p.Text("The address %s is not verified yet. Without that, you could lose access to your account.", value),
				link{p.Text("Verify it now"), u.to("/verification", back)},
			}}
		}
	}
	return nil
}

func codesLeft(p *locale.Printer, c identity.Factor) string {
	if c.Left == 0 {
		return p.Text("No recovery code is left.")
	}
	return p.Text("%d recovery codes are left.", c.Left)
}

// providersOf returns the names of the linked services. An identifier is "google:<subject>".
func providersOf(c identity.Factor) []string {
	var out []string
	for _, id := range c.Identifiers {
		provider, _, _ := strings.Cut(id, ":")
		out = append(out, serviceName(provider))
	}
	return out
}
