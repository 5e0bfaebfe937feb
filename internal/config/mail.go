package config

import "strings"

// Mail says how messages leave. Without a mail server nobody can verify an address or recover an account.
//
//	mail:
//	  smtp_url_file: secrets/smtp
//	  from: no-reply@example.com
//	  reply_to: help@example.com
type Mail struct {
	// SMTPURL is the mail server: smtps://user:password@host:465, or smtp:// with STARTTLS; user and password
	// percent-encoded. Empty in development: a built-in inbox, which delivers nothing and shows everything.
	SMTPURL SMTPURL `yaml:"smtp_url"`
	// SMTPURLFile is a file that holds that address.
	SMTPURLFile string `yaml:"smtp_url_file"`
	// From is the sender of every mail: the address alone.
	From string `yaml:"from"`
	// ReplyTo is where answers go; empty: to the sender.
	ReplyTo string `yaml:"reply_to"`
	// Style says what a mail for recovery or verification holds: a code to type in, or a link to follow.
	Style MailStyle `yaml:"style"`
}

// MailStyle says what a mail for recovery or verification holds.
type MailStyle string

// Choices for mail.style.
const (
	MailCode MailStyle = "code"
	MailLink MailStyle = "link"
)

func (MailStyle) words() []string { return []string{"code", "link"} }

func defaultMail(p Profile) Mail {
	if p == Development {
		return Mail{From: "no-reply@localhost", Style: MailCode}
	}
	return Mail{Style: MailCode}
}

// Inbox reports whether messages stay in the process, in the inbox for development.
func (c Config) Inbox() bool {
	return c.Profile == Development && c.Mail.SMTPURL.Empty() && !c.mailElsewhere()
}

// SendsMail reports whether messages reach anyone at all; without it no flow may depend on a code.
func (c Config) SendsMail() bool {
	return c.Inbox() || !c.Mail.SMTPURL.Empty() || c.mailElsewhere()
}

// mailElsewhere reports whether the kratos block hands messages to a web service of its own.
func (c Config) mailElsewhere() bool {
	leaves := map[string]any{}
	flatten(leaves, "", c.Kratos)
	for path, v := range leaves {
		switch {
		case covers("courier.delivery_strategy", path) == below && v == "http",
			covers("courier.channels", path) == below:
			return true
		}
	}
	return false
}

// Courier is what the kratos: block says of how mails are sent, beside mail.
type Courier struct {
	// Elsewhere says that a web service gets the mails, and no mail server; Channels are the names of further
	// ways, which web services serve too.
	Elsewhere bool
	Channels  []string
	// LocalName is how the courier introduces itself, FromName is before the sender's address.
	LocalName, FromName string
	// ClientCert and ClientKey are files of a certificate that it shows.
	ClientCert, ClientKey string
	// Headers are further ones.
	Headers map[string]string
}

// Courier returns what the kratos: block says of how mails are sent.
func (c Config) Courier() Courier {
	const at = "courier.smtp."
	out := Courier{
		LocalName: c.Kratos.text(at + "local_name"), FromName: c.Kratos.text(at + "from_name"),
		ClientCert: c.Kratos.text(at + "client_cert_path"), ClientKey: c.Kratos.text(at + "client_key_path"),
		Headers: map[string]string{},
	}
	leaves := map[string]any{}
	flatten(leaves, "", c.Kratos)
	for path, v := range leaves {
		text, _ := v.(string)
		switch name, found := strings.CutPrefix(path, at+"headers."); {
		case found && text != "":
			out.Headers[name] = text
		case path == "courier.delivery_strategy" && text == "http":
			out.Elsewhere = true
		case path == "courier.channels":
			list, _ := v.([]any)
			for _, one := range list {
				channel, _ := one.(map[string]any)
				id, _ := channel["id"].(string)
				out.Elsewhere = out.Elsewhere || id == "email"
				out.Channels = append(out.Channels, id)
			}
		}
	}
	return out
}

// recoveryAsked reports whether the kratos block switches recovery on in so many words.
func (c Config) recoveryAsked() bool {
	leaves := map[string]any{}
	flatten(leaves, "", c.Kratos)
	for path, v := range leaves {
		if covers("selfservice.flows.recovery.enabled", path) == below && v == true {
			return true
		}
	}
	return false
}
