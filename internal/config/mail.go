package config

// Mail says how messages leave.
type Mail struct {
	// SMTPURL is the mail server: smtps://user:password@host:465, or smtp:// with STARTTLS.
	// Development default: a built-in inbox.
	SMTPURL SMTPURL `yaml:"smtp_url"`
	// SMTPURLFile is a file that holds the address.
	SMTPURLFile string `yaml:"smtp_url_file"`
	// From is the sender.
	From string `yaml:"from"`
	// ReplyTo is where answers go.
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
