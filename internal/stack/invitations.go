package stack

import (
	"time"

	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/store"
)

// invitations are the rows of who may sign up, in the database of Kratos; a database in memory has no tables of
// ours.
func invitations(t turns, d store.Dialect) kratos.Invitations {
	if t.db == nil {
		return nil
	}
	return store.NewInvitations(t.db, d)
}

// invited words the mail of an invitation.
func invited(m *mails.Mails) func(kratos.Invited) (kratos.MailText, error) {
	return func(i kratos.Invited) (kratos.MailText, error) {
		mail, err := m.Invitation(i.Lang, mails.Invitation{App: i.App, Link: i.Link, Life: i.Life.Round(time.Minute)})
		return kratos.MailText{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
	}
}
