package mails

import "time"

// Invitation is what somebody is told who may sign up.
type Invitation struct {
	// App is the application that the person is invited for, or empty.
	App string
	// Link is good for so long.
	Link string
	Life time.Duration
}

// Invitation writes that mail.
func (m *Mails) Invitation(lang string, i Invitation) (Mail, error) {
	p, brand := m.Printer(lang), m.brand.Name
	l := Letter{
		Subject: p.Text("You are invited to %s", brand), Title: p.Text("You are invited"),
		Text:   p.Text("The people who run %s invite you to an account there. It is for this address.", brand),
		Button: p.Text("Look at the invitation"), Link: i.Link, Life: linkLife(p, i.Life),
		Note:   p.Text("Do not pass the link on: whoever opens it first gets the account."),
		Ignore: p.Text("If you did not expect it, you need not do anything: without the link nobody gets an account with this address."),
	}
	if i.App != "" {
		l.Text = p.Text("The people who run %[1]s invite you to an account there, to use %[2]s. It is for this address.", brand, i.App)
	}
	return m.Compose(p, l)
}
