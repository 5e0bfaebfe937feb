package smtptalk

import (
	"fmt"
	"net/textproto"
	"strings"
)

// answered explains what the server refused in so many words (RFC 5321, and the codes of RFC 3463).
func (s *session) answered(f *Failure, e *textproto.Error) {
	said := fmt.Sprintf("%d %s", e.Code, s.shown(e.Msg))
	put := func(kind Kind, reason, cure string) { f.Kind, f.Reason, f.Cure = kind, reason+" ("+said+")", cure }
	low := strings.ToLower(e.Msg)
	switch {
	case e.Code == 530 && strings.Contains(low, "starttls"):
		put(NoTLS, "the server asks for encryption first", "remove disable_starttls from mail.smtp_url")
	case e.Code == 530, f.Step != Login && (strings.Contains(low, "authentication required") || strings.Contains(low, "5.7.0")),
		f.Step == Sender && e.Code == 502:
		put(NeedsLogin, "the server asks for a login", "write user and password into mail.smtp_url: smtps://user:password@host:465")
	case e.Code/100 == 4 && f.Step == Login:
		put(Later, "the server could not check user and password just now", "try again later; the courier does so by itself")
	case f.Step == Login && (e.Code == 535 || e.Code == 534 || e.Code == 538 || strings.HasPrefix(e.Msg, "5.7.8")):
		put(WrongPassword, "user or password were refused", "correct them in mail.smtp_url; @, :, / and % in them are written %40, %3A, %2F and %25")
	case f.Step == Login:
		put(WrongPassword, "the login was refused", "correct user and password in mail.smtp_url, or allow sign-ins by SMTP for that account")
	case e.Code/100 == 4:
		put(Later, "the server does not take it now", "wait some minutes and try again: a server may make strangers wait (greylisting) or count "+
			"how much they send; the courier tries again by itself")
	case f.Step == Recipient && (strings.Contains(low, "relay") || strings.HasPrefix(e.Msg, "5.7.1 ")):
		put(RelayDenied, "the server passes no mail on for us", "write user and password into mail.smtp_url, or let the address of this machine "+
			"through at the server")
	case f.Step == Recipient:
		put(RecipientRefused, "the recipient was refused", "try another address; where every one is refused, let this machine send at the server")
	case f.Step == Sender:
		put(SenderRefused, "the sender was refused", "write an address into mail.from that this user may send as, or allow it at the server")
	case f.Step == Data:
		put(MailRefused, "the mail was refused for what it is", "look into the log of the mail server, and at SPF, DKIM and DMARC of the domain of mail.from")
	case f.Step == Greeting:
		put(Refused, "the server wants nothing of this machine", "let its address through at the server; it may be on a list of blocked addresses")
	case f.Step == StartTLS:
		put(NoTLS, "the server offers STARTTLS and refuses it", "correct the server's certificate, or write smtps:// with the port of that (465)")
	default:
		put(NotSMTP, "the server refused the conversation", "correct host and port of mail.smtp_url")
	}
}

// shown is an answer in one line, as the dialog has it.
func (s *session) shown(text string) string {
	for _, secret := range s.hidden {
		text = strings.ReplaceAll(text, secret, mask)
	}
	return clean(strings.ReplaceAll(text, "\n", " "))
}
