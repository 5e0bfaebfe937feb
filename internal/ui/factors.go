package ui

import (
	"slices"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// factorRow is one way to prove who one is, on the page about them.
type factorRow struct {
	Name  string
	Icon  string
	On    bool
	State string
	Keys  []keyLine
	// Change leads to where it is changed, or is nil.
	Change *link
}

// keyLine is a passkey or a security key.
type keyLine struct {
	Name  string
	Added *when
}

// factorSet is what a person has set up.
type factorSet []identity.Factor

func (f factorSet) find(kind string) (identity.Factor, bool) {
	i := slices.IndexFunc(f, func(c identity.Factor) bool { return c.Type == kind })
	if i < 0 {
		return identity.Factor{}, false
	}
	return f[i], true
}

func (f factorSet) has(kind string) bool { _, ok := f.find(kind); return ok }

// second says whether a sign-in with the password alone is not enough to get in.
func (f factorSet) second() bool {
	return f.has(identity.TOTPCredential) || f.has(identity.SecurityKeyCredential)
}

// factorRows lists what is set up, and what could be.
func (u *UI) factorRows(p *locale.Printer, set factorSet) []factorRow {
	offered := u.cfg.AccountRules.Factors
	var rows []factorRow
	add := func(kind, name, icon string, offered bool, word string) {
		c, on := set.find(kind)
		if !on && !offered {
			return
		}
		row := factorRow{Name: name, Icon: icon, On: on, State: p.Text("Not set up")}
		if on {
			row.State, row.Keys = factorState(p, c), keyLines(p, c)
		} else {
			word = p.Text("Set up")
		}
		if u.cfg.Settings && (offered || on) {
			row.Change = &link{word, settingsPath + "#" + sectionAnchor(kind)}
		}
		rows = append(rows, row)
	}
	add(identity.PasswordCredential, p.Text("Password"), "lock", offered.Password, p.Text("Change"))
	add(identity.PasskeyCredential, p.Text("Passkeys"), "passkey", offered.Passkey, p.Text("Manage"))
	add(identity.TOTPCredential, p.Text("Authenticator app"), "phone", offered.TOTP, p.Text("Manage"))
	add(identity.SecurityKeyCredential, p.Text("Security keys"), "key", offered.SecurityKey, p.Text("Manage"))
	add(identity.RecoveryCodesCredential, p.Text("Recovery codes"), "codes", offered.RecoveryCodes, p.Text("Manage"))
	add(identity.ProviderCredential, p.Text("Connected accounts"), "link", offered.Providers, p.Text("Manage"))
	return rows
}

// factorState says what there is. Only a password, an authenticator app and recovery codes have a date:
// the rows of the others are made with the account, whenever they came (docs/ory-quirks.md#q74).
func factorState(p *locale.Printer, c identity.Factor) string {
	switch c.Type {
	case identity.RecoveryCodesCredential:
		return codesLeft(p, c)
	case identity.ProviderCredential:
		return strings.Join(providersOf(c), ", ")
	case identity.PasswordCredential, identity.TOTPCredential:
		if !c.SetAt.IsZero() {
			return p.Text("Set up on %s", p.Date(c.SetAt))
		}
	}
	return p.Text("Is set up")
}

func keyLines(p *locale.Printer, c identity.Factor) []keyLine {
	var rows []keyLine
	for _, key := range c.Keys {
		name := plain(key.Name, maxName)
		if name == "" {
			name = p.Text("Without a name")
		}
		rows = append(rows, keyLine{name, day(p, key.AddedAt)})
	}
	return rows
}
