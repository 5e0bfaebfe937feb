package mails

import (
	"strings"

	"example.com/identityd/internal/locale"
)

// Exists is what the owner of an account is told when somebody signs up with its address.
type Exists struct {
	// App is the application that the sign-up was for, or empty.
	App string
	// Password, Passkey and Code say how the account signs in; Providers are the names of services.
	Password, Passkey, Code bool
	Providers               []string
	// Login and Recovery are pages. Recovery is empty when there is none.
	Login, Recovery string
}

// AccountExists writes that mail.
func (m *Mails) AccountExists(lang string, e Exists) (Mail, error) {
	p, brand := m.Printer(lang), m.brand.Name
	l := Letter{
		Subject: p.Text("You already have an account at %s", brand),
		Title:   p.Text("You already have an account"),
		Text:    p.Text("Somebody, probably you, wanted to sign up at %s with this address. It belongs to an account that exists. Nothing was changed.", brand),
		Button:  p.Text("Sign in"), Link: e.Login,
		Ignore: p.Text("If it was not you, you need not do anything."),
	}
	if e.App != "" {
		l.Life = p.Text("You were on your way to %s. Sign in in the browser in which you began, and you get there.", e.App)
	}
	if ways := e.ways(p); ways != "" {
		l.Note = p.Text("You sign in with: %s.", ways)
	}
	if e.Recovery != "" {
		l.Note = strings.TrimSpace(l.Note + " " + p.Text("If you cannot sign in any more, get back in here: %s", e.Recovery))
	}
	return m.Compose(p, l)
}

// ways lists how the account signs in.
func (e Exists) ways(p *locale.Printer) string {
	var list []string
	if e.Password {
		list = append(list, p.Text("a password"))
	}
	if e.Passkey {
		list = append(list, p.Text("a passkey"))
	}
	if e.Code {
		list = append(list, p.Text("a code by mail"))
	}
	return strings.Join(append(list, e.Providers...), comma(p))
}
