package mails

import (
	"strings"

	"example.com/identityd/internal/locale"
)

// Factors is what somebody is told from whose account an administrator took ways to sign in.
type Factors struct {
	// Kinds are totp, lookup_secret, webauthn and passkey.
	Kinds []string
	// Login and Recovery are pages. Recovery is empty when there is none.
	Login, Recovery string
}

// FactorRemoved writes that mail.
func (m *Mails) FactorRemoved(lang string, f Factors) (Mail, error) {
	p, brand := m.Printer(lang), m.brand.Name
	l := Letter{
		Subject: p.Text("A way to sign in to %s was removed", brand),
		Title:   p.Text("A way to sign in was removed"),
		Text:    p.Text("An administrator of %[1]s has removed from your account: %[2]s. You were signed out everywhere.", brand, f.names(p)),
		Button:  p.Text("Sign in"), Link: f.Login,
		Ignore: p.Text("If you did not expect this, ask those who look after your account at once."),
	}
	if f.Recovery != "" {
		l.Note = p.Text("If you cannot sign in any more, get back in here: %s", f.Recovery)
	}
	return m.Compose(p, l)
}

// names lists what was removed.
func (f Factors) names(p *locale.Printer) string {
	var list []string
	for _, kind := range f.Kinds {
		switch kind {
		case "totp":
			list = append(list, p.Text("the authenticator app"))
		case "lookup_secret":
			list = append(list, p.Text("the recovery codes"))
		case "webauthn":
			list = append(list, p.Text("a security key"))
		case "passkey":
			list = append(list, p.Text("a passkey"))
		}
	}
	return strings.Join(list, comma(p))
}

// comma separates the parts of a list.
func comma(p *locale.Printer) string {
	switch p.Lang() {
	case "ja", "zh-Hans":
		return "、"
	case "ar":
		return "، "
	}
	return ", "
}
