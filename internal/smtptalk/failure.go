package smtptalk

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"syscall"
	"time"
)

// Failure is where a delivery ended, and what helps.
type Failure struct {
	Step Step
	// Code is the server's, 0 where it said none.
	Code int
	// Kind is the reason in one word, for programs.
	Kind Kind
	// Reason is what is wrong, Cure what helps.
	Reason, Cure string
	err          error
}

// Kind is the reason of a failure.
type Kind string

// The kinds.
const (
	NoSuchHost       Kind = "name_not_found"
	NoNameServer     Kind = "name_server"
	Refused          Kind = "refused"
	TimedOut         Kind = "timeout"
	Unreachable      Kind = "unreachable"
	NotTLS           Kind = "not_tls"
	OtherName        Kind = "certificate_name"
	Expired          Kind = "certificate_expired"
	Untrusted        Kind = "certificate_untrusted"
	NoTLS            Kind = "tls"
	NoSTARTTLS       Kind = "no_starttls"
	NotSMTP          Kind = "not_smtp"
	WrongPassword    Kind = "login_refused"
	NeedsLogin       Kind = "login_missing"
	Unencrypted      Kind = "login_unencrypted"
	SenderRefused    Kind = "sender_refused"
	RecipientRefused Kind = "recipient_refused"
	RelayDenied      Kind = "relay_denied"
	Later            Kind = "later"
	MailRefused      Kind = "mail_refused"
	HungUp           Kind = "hung_up"
)

var errNoSTARTTLS = errors.New("the server does not offer STARTTLS")

// Error implements error.
func (f *Failure) Error() string { return fmt.Sprintf("%s: %s; %s", f.Step, f.Reason, f.Cure) }

// Unwrap returns what happened.
func (f *Failure) Unwrap() error { return f.err }

func (s *session) fail(step Step, err error) *Failure {
	f := &Failure{Step: step, err: err}
	var answered *textproto.Error
	if errors.As(err, &answered) {
		f.Code = answered.Code
		s.answered(f, answered)
	} else {
		s.broke(f, err)
	}
	return f
}

// broke explains a failure of the connection.
func (s *session) broke(f *Failure, err error) {
	var (
		dns       *net.DNSError
		timeout   net.Error
		record    tls.RecordHeaderError
		name      x509.HostnameError
		dates     x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		alert     tls.AlertError
		at        = s.cfg.Addr()
	)
	put := func(kind Kind, reason, cure string) { f.Kind, f.Reason, f.Cure = kind, reason, cure }
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		put(NoSuchHost, fmt.Sprintf("the name %s is not found", s.cfg.Host), "correct the host of mail.smtp_url")
	case errors.As(err, &dns):
		put(NoNameServer, fmt.Sprintf("the name server does not answer for %s", s.cfg.Host), "look at /etc/resolv.conf of this machine or container")
	case errors.Is(err, syscall.ECONNREFUSED):
		put(Refused, "nothing listens at "+at, "correct the port of mail.smtp_url (465 for smtps://, 587 for smtp://), or start the mail server")
	case errors.As(err, &record), f.Step == TLS && errors.Is(err, errNotSMTP):
		put(NotTLS, at+" does not speak TLS from the first byte", "write smtp://, which asks for STARTTLS, with the port of that (587)")
	case errors.As(err, &name):
		put(OtherName, fmt.Sprintf("the certificate is for %s, not for %s", orNone(strings.Join(s.names(), ", ")), s.cfg.TLS.ServerName),
			"write a name of the certificate as the host of mail.smtp_url, or add ?server_name= with it")
	case errors.As(err, &dates) && dates.Reason == x509.Expired:
		put(Expired, "the certificate "+s.dates(), "renew it at the mail server, and check the clock of this machine")
	case errors.As(err, &authority), errors.As(err, &dates):
		put(Untrusted, "nobody that this machine trusts has signed the certificate",
			"for an authority of your own start identityd with SSL_CERT_FILE=<its certificates, PEM>")
	case errors.Is(err, errNoSTARTTLS):
		put(NoSTARTTLS, at+" offers no STARTTLS, and nothing is sent without", "write smtps:// with the port of that (465); for a server on this machine "+
			"add ?disable_starttls=true")
	case errors.Is(err, errNotSMTP):
		put(NotSMTP, at+" does not speak SMTP", "correct the port of mail.smtp_url (465 for smtps://, 587 for smtp://)")
	case f.Step == Login && strings.Contains(err.Error(), "unencrypted"):
		put(Unencrypted, "a password is not sent over a connection that is not encrypted", "remove disable_starttls from mail.smtp_url, or write smtps://")
	case f.Step == Greeting && errors.As(err, &timeout) && timeout.Timeout():
		put(TimedOut, fmt.Sprintf("%s took the connection and says nothing", at), "where the port is one for TLS from the first byte (465), write smtps://")
	case errors.As(err, &timeout) && timeout.Timeout():
		put(TimedOut, fmt.Sprintf("%s did not answer within %s", at, s.cfg.patience()),
			"a firewall may drop it: many networks let no mail out but by their own server, or only by 587 and 465")
	case errors.As(err, &alert), f.Step == TLS:
		put(NoTLS, "the server broke the encryption off: "+clean(err.Error()), "it has to speak TLS 1.2 or newer; where it asks for a client certificate, "+
			"set kratos.courier.smtp.client_cert_path and client_key_path")
	case f.Step == Connect:
		put(Unreachable, at+" cannot be reached: "+clean(err.Error()), "look at the network of this machine or container")
	default:
		put(HungUp, "the server closed the connection", "look into its log for the address of this machine")
	}
}

func (s *session) names() []string {
	if s.talk.Security == nil {
		return nil
	}
	return s.talk.Security.Names
}

func (s *session) dates() string {
	c := s.talk.Security
	switch {
	case c == nil:
		return "is not valid now"
	case time.Now().Before(c.NotBefore):
		return "is not valid before " + c.NotBefore.UTC().Format(time.DateTime)
	}
	return "expired on " + c.NotAfter.UTC().Format(time.DateTime)
}
