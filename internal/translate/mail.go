package translate

import (
	"net/url"
	"strings"
)

// mail takes the mail server over, and the way recovery and verification use it.
func (d *draft) mail() {
	d.mailStyle()
	raw := d.str(kratos, "courier.smtp.connection_uri")
	elsewhere := d.str(kratos, "courier.delivery_strategy") == "http" || d.get(kratos, "courier.channels") != nil
	switch {
	case raw == "" && d.profile == "production" && !elsewhere:
		d.note("mail.smtp_url", "is not known: no mail leaves, and nobody can recover an account. Write it, with mail.from")
		return
	case raw == "":
		return
	}
	raw = d.smtp(raw)
	d.secret("mail.smtp_url", "smtp", raw)
	if _, set := d.words["mail.from"]; !set {
		d.set("mail.from", "no-reply@"+d.mailDomain())
		d.note("mail.from", "Kratos sent from no-reply@ory.kratos.sh, its own default; this is a guess: write a sender that your mail server accepts")
	}
}

// smtp leaves out what sends passwords in the clear, where the profile does not allow it.
func (d *draft) smtp(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	q := u.Query()
	if u.Scheme == "smtps" {
		q.Del("disable_starttls")
	}
	for name := range q {
		switch name {
		case "disable_starttls", "skip_ssl_verify":
			if q.Get(name) == "true" && d.profile == "production" && !onThisMachine(u.Hostname()) {
				q.Del(name)
				d.note("mail.smtp_url", "leaves out %s=true, with which anybody on the way reads every code; identityd mail test shows whether the "+
					"server's certificate is right", name)
			}
		case "server_name":
		default:
			q.Del(name)
			d.note("mail.smtp_url", "leaves out the parameter %s, which is none of Kratos'", name)
		}
	}
	u.RawQuery = q.Encode()
	u.Path = ""
	return u.String()
}

func (d *draft) mailDomain() string {
	u, err := url.Parse(firstOf(d.issuer, d.ui, d.self))
	if err != nil || u.Hostname() == "" || strings.Trim(u.Hostname(), "0123456789.") == "" {
		return "localhost"
	}
	return u.Hostname()
}

// mailStyle: one word for both flows.
func (d *draft) mailStyle() {
	recovery, verification := d.str(kratos, "selfservice.flows.recovery.use"), d.str(kratos, "selfservice.flows.verification.use")
	style := firstOf(recovery, verification)
	if style == "" {
		// Kratos before 1.0 knew links alone.
		if d.on(kratos, "selfservice.methods.link.enabled") && d.get(kratos, "selfservice.methods.code.enabled") == false {
			style = "link"
		}
	}
	if style == "" {
		return
	}
	d.set("mail.style", style)
	if recovery != "" && verification != "" && recovery != verification {
		d.note("mail.style", "is one for both here: recovery used %s, verification used %s", recovery, verification)
	}
}
