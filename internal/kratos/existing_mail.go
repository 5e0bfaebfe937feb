package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/ory/kratos/courier"
	"github.com/ory/kratos/courier/template"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/registration"
)

// AccountExists is what the mail tells somebody who signs up with the address of an account.
type AccountExists struct {
	// Lang is the language of the page, empty when it did not say.
	Lang string
	// App is the name of the application that the sign-up was for, or empty. Whoever registered the
	// application chose it.
	App string
	// Password, Passkey and Code say how the account signs in; Providers are the names of services.
	Password, Passkey, Code bool
	Providers               []string
	// Login and Recovery are pages. Recovery is empty when there is none.
	Login, Recovery string
}

// MailText is a mail.
type MailText struct{ Subject, Text, HTML string }

// tellOwner queues the mail.
func (e *Engine) tellOwner(ctx context.Context, f *registration.Flow, known *owner) error {
	about := AccountExists{Login: e.cfg.Pages.Login, Recovery: e.cfg.Pages.Recovery}
	if from, err := url.Parse(f.RequestURL); err == nil {
		about.Lang = from.Query().Get("lang")
	}
	if f.OAuth2LoginChallenge != "" {
		// The name is an ornament: without it the mail is still true.
		if asked, err := e.registry.Hydra().GetLoginRequest(ctx, string(f.OAuth2LoginChallenge)); err == nil {
			about.App = oneLine(asked.Client.GetClientName())
		}
	}
	e.waysIn(&about, known.identity)
	text, err := e.cfg.AccountExists(about)
	if err != nil {
		return fmt.Errorf("writing mail: %w", err)
	}
	c, err := e.registry.Courier(ctx)
	if err != nil {
		return fmt.Errorf("opening the mail queue: %w", err)
	}
	if _, err := c.QueueEmail(ctx, &written{To: known.address, MailText: text}); err != nil {
		return fmt.Errorf("queueing mail: %w", err)
	}
	return nil
}

// oneLine makes a name of somebody else's harmless in a mail: one line, and nothing that turns it around.
func oneLine(name string) string {
	const most = 80
	name = strings.Map(func(c rune) rune {
		if !unicode.IsGraphic(c) {
			return -1
		}
		return c
	}, name)
	if letters := []rune(name); len(letters) > most {
		name = string(letters[:most]) + "…"
	}
	return strings.TrimSpace(name)
}

func (e *Engine) waysIn(about *AccountExists, i *kidentity.Identity) {
	for kind, credentials := range i.Credentials {
		var c struct {
			HashedPassword string `json:"hashed_password"`
			Credentials    []any  `json:"credentials"`
			Providers      []struct {
				Provider string `json:"provider"`
			} `json:"providers"`
		}
		if json.Unmarshal(credentials.Config, &c) != nil {
			continue
		}
		switch kind {
		case kidentity.CredentialsTypePassword:
			about.Password = about.Password || c.HashedPassword != "" && e.cfg.Password.Enabled
		case kidentity.CredentialsTypePasskey:
			about.Passkey = about.Passkey || len(c.Credentials) > 0 && e.cfg.Login.Passkey
		case kidentity.CredentialsTypeCodeAuth:
			about.Code = e.cfg.Login.Code
		case kidentity.CredentialsTypeOIDC:
			for _, one := range c.Providers {
				at := slices.IndexFunc(e.cfg.Login.Providers, func(p Provider) bool { return p.ID == one.Provider })
				if at >= 0 {
					about.Providers = append(about.Providers, e.cfg.Login.Providers[at].Label)
				}
			}
		}
	}
	slices.Sort(about.Providers)
}

// writtenType is the template type of mail that we write ourselves. Courier over HTTP refuses types that
// Kratos does not know (docs/ory-quirks.md#q56), so that it is one of Kratos' own that nothing else sends.
const writtenType = template.TypeTestStub

// written is a mail whose words are in it.
type written struct {
	To string `json:"to"`
	MailText
}

// EmailSubject implements courier.EmailTemplate.
func (m *written) EmailSubject(context.Context) (string, error) { return m.Subject, nil }

// EmailBodyPlaintext implements courier.EmailTemplate.
func (m *written) EmailBodyPlaintext(context.Context) (string, error) { return m.Text, nil }

// EmailBody implements courier.EmailTemplate.
func (m *written) EmailBody(context.Context) (string, error) { return m.HTML, nil }

// EmailRecipient implements courier.EmailTemplate.
func (m *written) EmailRecipient() (string, error) { return m.To, nil }

// TemplateType implements courier.Template.
func (m *written) TemplateType() template.TemplateType { return writtenType }

// MarshalJSON implements courier.Template.
func (m *written) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"to": m.To, "subject": m.Subject, "body": m.Text, "html": m.HTML})
}

// fromQueue makes a mail of what was queued.
func fromQueue(d template.Dependencies, msg courier.Message) (courier.EmailTemplate, error) {
	if msg.TemplateType != writtenType {
		return courier.NewEmailTemplateFromMessage(d, msg)
	}
	var m struct{ To, Subject, Body, HTML string }
	if err := json.Unmarshal(msg.TemplateData, &m); err != nil {
		return nil, fmt.Errorf("reading a queued mail: %w", err)
	}
	return &written{To: m.To, MailText: MailText{Subject: m.Subject, Text: m.Body, HTML: m.HTML}}, nil
}
