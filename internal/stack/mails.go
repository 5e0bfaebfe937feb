package stack

import (
	"fmt"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/mails"
	"example.com/identityd/internal/ui"
)

// writeMails makes the mails and gives Kratos its part of them; nil where nothing can be sent.
func writeMails(c config.Config, texts *locale.Texts, u URLs, k *kratos.Config) (*mails.Mails, error) {
	if k.Mail == nil {
		return nil, nil //nolint:nilnil // no mail is no failure
	}
	code, link := kratos.Lifespans(*k)
	m, err := mails.New(mails.Config{
		Texts: texts, Brand: mailBrand(c), Pages: u.UI, CodeLife: code, LinkLife: link,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the mails: %w", err)
	}
	for _, kind := range mails.Kinds() {
		s := m.Source(kind)
		k.Mail.Templates = append(k.Mail.Templates, kratos.Template{
			Kind: string(kind), Subject: s.Subject, Text: s.Text, HTML: s.HTML,
		})
	}
	k.Invited = invited(m)
	k.AccountExists = func(a kratos.AccountExists) (kratos.MailText, error) {
		mail, err := m.AccountExists(a.Lang, mails.Exists{
			App: a.App, Password: a.Password, Passkey: a.Passkey, Code: a.Code, Providers: a.Providers,
			Login: a.Login, Recovery: a.Recovery,
		})
		return kratos.MailText{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
	}
	k.FactorRemoved = func(f kratos.FactorRemoved) (kratos.MailText, error) {
		mail, err := m.FactorRemoved(f.Lang, mails.Factors{Kinds: f.Kinds, Login: f.Login, Recovery: f.Recovery})
		return kratos.MailText{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
	}
	return m, nil
}

func mailBrand(c config.Config) mails.Brand {
	return mails.Brand{
		Name: c.UI.Brand.Name, Accent: c.UI.Brand.Colors["accent"], Support: c.UI.Links.Support,
	}
}

// previews are shown beside the inbox, in development only.
func (s *Stack) previews(m *mails.Mails) ui.Previews {
	if s.inbox == nil || m == nil {
		return nil
	}
	return previews{m}
}

type previews struct{ mails *mails.Mails }

// Kinds implements ui.Previews.
func (p previews) Kinds() []string {
	var names []string
	for _, kind := range mails.Kinds() {
		names = append(names, string(kind))
	}
	return names
}

// Preview implements ui.Previews.
func (p previews) Preview(kind, lang string) (identity.Mail, error) {
	mail, err := p.mails.Preview(mails.Kind(kind), lang)
	return identity.Mail{Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, err
}
