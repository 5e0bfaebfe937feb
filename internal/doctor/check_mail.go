package doctor

import (
	"context"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/senderdomain"
	"example.com/identityd/internal/smtptalk"
)

// mailServer speaks with the mail server as the courier does, up to the moment at which a mail would be handed
// over.
func mailServer() Check {
	return Check{
		Area: Mail, Name: "server", Tells: "the mail server takes our mails, encrypted", Words: []string{"mail", "kratos.courier"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			c := s.Config
			switch {
			case c.Inbox():
				return []Finding{Okf("mail.smtp_url: mails stay in the inbox of development")}
			case c.Courier().Elsewhere:
				return []Finding{Skippedf("kratos.courier hands mails to a web service")}
			case c.Mail.SMTPURL.Empty():
				return []Finding{Okf("mail.smtp_url: no mail leaves")}
			}
			server, err := smtptalk.Read(c.Mail.SMTPURL.Reveal())
			if err != nil {
				return []Finding{Faultf("mail.smtp_url: %v", err).Cured("write smtps://user:password@host:465")}
			}
			server.LocalName = c.Courier().LocalName
			server.TLS.RootCAs = s.Net.Roots
			if until, ok := ctx.Deadline(); ok {
				// What hangs has to be a finding before the check is left behind.
				server.Patience = max(time.Until(until)*3/4, time.Millisecond)
			}
			return s.judgeMail(server, smtptalk.Try(ctx, server, c.Mail.From))
		},
	}
}

func (s *Subject) judgeMail(server smtptalk.Config, t smtptalk.Talk) []Finding {
	if f := t.Failure; f != nil {
		out := Faultf("mail.smtp_url: %s: %s", f.Step, f.Reason).Cured("%s; identityd mail test ADDRESS shows the dialog", f.Cure)
		if f.Kind == smtptalk.SenderRefused {
			out.Text = "mail.from: " + s.Config.Mail.From + ": " + f.Reason
		}
		if f.Kind == smtptalk.Later || f.Kind == smtptalk.NoNameServer {
			out.Level = Warning
		}
		return []Finding{out}
	}
	var out []Finding
	switch c := t.Security; {
	case c == nil && !isLocal(server.Host):
		f := Faultf("mail.smtp_url: mails, with codes that open accounts, go to %s without encryption", server.Addr()).
			Cured("write smtps:// with the port of that (465), or remove disable_starttls")
		if s.Config.Profile != config.Production {
			f.Level = Warning
		}
		out = append(out, f)
	case c == nil:
	case !c.Verified && !isLocal(server.Host):
		out = append(out, Warningf("mail.smtp_url: the certificate of %s is not verified (skip_ssl_verify)", server.Addr()).
			Cured("remove skip_ssl_verify; name an authority of your own with SSL_CERT_FILE"))
	case c.NotAfter.Sub(s.now()) < renewNow:
		out = append(out, Warningf("mail.smtp_url: the certificate of %s expires on %s", server.Addr(), c.NotAfter.UTC().Format(time.DateOnly)).
			Cured("renew it at the mail server"))
	}
	if server.User != "" && !t.LoggedIn {
		out = append(out, Warningf("mail.smtp_url: %s asks for no login, so that user and password are not used", server.Addr()).
			Cured("remove them, or correct the port (587 and 465 ask for one)"))
	}
	return out
}

// senderRecords asks name servers what receivers are told of our mails.
func senderRecords() Check {
	return Check{
		Area: Mail, Name: "sender", Tells: "the domain of the sender is that of the pages, and receivers are told of it", Words: []string{"mail", "origin", "urls"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			c := s.Config
			domain := senderdomain.Domain(c.Mail.From)
			if c.Inbox() || !c.SendsMail() || domain == "" {
				return []Finding{Okf("mail.from: no domain that others know")}
			}
			out := s.strangeSender(domain)
			for _, n := range senderdomain.Look(ctx, s.Net.resolver(), domain) {
				if n.Record == "DKIM" {
					continue // its names are in no list, and a warning at each look would be noise
				}
				if !n.Good {
					out = append(out, Warningf("mail.from: %s: %s", n.Record, n.Text).Cured("%s", n.Cure))
				}
			}
			return out
		},
	}
}

// strangeSender compares the sender with the pages that mails lead to.
func (s *Subject) strangeSender(domain string) []Finding {
	for _, p := range s.publics() {
		if p.name == "ui" && !p.local() && registrable(p.host()) != registrable(domain) {
			return []Finding{Warningf("mail.from: mails come from %s and lead to %s: people and filters take that for fraud", domain, p.host()).
				Cured("write a sender of %s into mail.from", registrable(p.host()))}
		}
	}
	return nil
}
