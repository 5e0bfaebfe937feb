package config

import (
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

func resolveMail(c *collector, cfg *Config) {
	m := &cfg.Mail
	secretInFile{
		path: "mail.smtp_url", file: &m.SMTPURLFile,
		inline: func() bool { return !m.SMTPURL.Empty() },
		set:    func(s string) { m.SMTPURL = NewSMTPURL(strings.TrimSpace(s)) },
		cure:   "; write smtps://user:password@host:465 into it",
	}.resolve(c, cfg)
	m.SMTPURL = m.SMTPURL.withPort()
}

func checkMail(c *collector, cfg *Config) {
	m := cfg.Mail
	if m.SMTPURL.Empty() {
		checkNoMail(c, cfg)
	} else {
		checkSMTPURL(c, smtpPath(m), m.SMTPURL, cfg.Profile)
		if m.From == "" {
			c.add("mail.from", "must be set with mail.smtp_url; write the sender, such as no-reply@example.com")
		}
	}
	checkMailAddress(c, "mail.from", m.From)
	checkMailAddress(c, "mail.reply_to", m.ReplyTo)
}

// smtpPath is where the address was written.
func smtpPath(m Mail) string {
	if m.SMTPURLFile != "" {
		return "mail.smtp_url_file"
	}
	return "mail.smtp_url"
}

func checkNoMail(c *collector, cfg *Config) {
	// The file that should hold the address has been reported.
	if cfg.SendsMail() || cfg.Mail.SMTPURLFile != "" {
		return
	}
	if cfg.Identity.Verification == VerificationRequired {
		c.add("mail.smtp_url", "must be set in production while addresses have to be verified; %s",
			"set mail.smtp_url, or identity.verification: optional")
	}
	if cfg.recoveryAsked() {
		c.add("mail.smtp_url", "must be set because recovery sends mail; %s",
			"set mail.smtp_url, or remove kratos.selfservice.flows.recovery.enabled")
	}
	if cfg.Identity.Verification == VerificationOptional {
		c.warn("mail.smtp_url", "is not set, so no mail leaves and nobody can recover an account")
	}
}

// unreadable reports whether Kratos, which uses net/url, could not take the address.
func unreadable(u SMTPURL) bool {
	_, err := url.Parse(u.Reveal())
	return err != nil
}

func checkMailAddress(c *collector, path, raw string) {
	if raw == "" {
		return
	}
	// Kratos takes the address alone, without a name before it.
	parsed, err := mail.ParseAddress(raw)
	if err != nil || parsed.Address != raw {
		c.add(path, "must be a mail address alone (got %s); write it like no-reply@example.com", quote(raw))
	}
}

func checkSMTPURL(c *collector, path string, u SMTPURL, p Profile) {
	parts := splitDSN(u.Reveal())
	secure := parts.scheme == "smtps"
	host, _, _ := strings.Cut(parts.hosts, ":")
	if strings.HasPrefix(parts.hosts, "[") {
		host, _, _ = strings.Cut(parts.hosts[1:], "]")
	}
	switch {
	case parts.scheme != "smtp" && !secure:
		c.add(path, "must begin with smtps:// (TLS) or smtp:// (STARTTLS)")
		return
	case parts.problem != "":
		c.add(path, "%s", strings.TrimSuffix(parts.problem, ", or use password_file"))
		return
	case unreadable(u):
		c.add(path, "has a character that belongs percent-encoded; write %%20 for a space and so on")
		return
	case host == "", strings.Contains(parts.hosts, ","):
		c.add(path, "must name one host; write %s://user:password@mail.example.com", parts.scheme)
		return
	case strings.Trim(parts.path, "/") != "":
		c.add(path, "must not have a path; cut it after the port")
	case parts.hasPassword && parts.user == "":
		c.add(path, "has a password without a user; write %s://user:password@host", parts.scheme)
	}
	for _, name := range slices.Sorted(maps.Keys(parts.query)) {
		checkSMTPParameter(c, path, name, parts.query.Get(name), secure, p == Production && !localHost(host))
	}
}

// checkSMTPParameter judges one of the parameters Kratos reads. strict refuses what would send
// passwords and codes over the network in the clear.
func checkSMTPParameter(c *collector, path, name, value string, secure, strict bool) {
	known := []string{"disable_starttls", "skip_ssl_verify", "server_name"}
	switch {
	case !slices.Contains(known, name):
		c.add(path, "has an unknown parameter; did you mean %s?", nearestOf(name, known))
	case name == "server_name":
		if value == "" || !validHost(value) {
			c.add(path, "must have a host name as server_name")
		}
	case value != "true" && value != "false":
		c.add(path, "must have true or false as %s", name)
	case name == "disable_starttls" && secure:
		c.add(path, "must not have disable_starttls with smtps://, which is TLS from the start; remove it")
	case value == "true" && strict:
		c.add(path, "must not have %s=true in production unless the host is this machine; remove it", name)
	}
}
