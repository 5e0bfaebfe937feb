package smtptalk_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	gomail "github.com/ory/mail/v3"
	"go.uber.org/goleak"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/inbox/smtptest"
	"example.com/identityd/internal/smtptalk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "p:/@ ß-secret"

// read is how the command reads an address, with the authority of the server among those that are trusted.
func read(t *testing.T, s *smtptest.Server, change func(*url.URL)) smtptalk.Config {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(u)
	}
	cfg, err := smtptalk.Read(u.String())
	if err != nil {
		t.Fatal(err)
	}
	if s.CA != nil {
		cfg.TLS.RootCAs = x509.NewCertPool()
		cfg.TLS.RootCAs.AppendCertsFromPEM(s.CA)
	}
	return cfg
}

func mail() smtptalk.Mail {
	return smtptalk.Mail{
		From: "no-reply@example.com", FromName: "Exämple", To: "anna@example.org", Subject: "A test — of mail", Text: "It wörks.\n",
		HTML: "<p>It wörks.</p>", Headers: map[string]string{"Reply-To": "help@example.com"},
	}
}

func said(t smtptalk.Talk) string {
	var b strings.Builder
	for _, l := range t.Lines {
		b.WriteString(string(l.From) + ": " + l.Text + "\n")
	}
	return b.String()
}

func TestAMailIsDelivered(t *testing.T) {
	for name, o := range map[string]smtptest.Options{
		"to a plain server":          {},
		"with STARTTLS":              {STARTTLS: true},
		"with TLS":                   {TLS: true},
		"with STARTTLS and PLAIN":    {STARTTLS: true, User: "u@example.com", Password: password},
		"with TLS and LOGIN":         {TLS: true, User: "u@example.com", Password: password, LoginOnly: true},
		"in plain text and a LOGIN":  {User: "u@example.com", Password: password, LoginOnly: true},
		"in plain text and an PLAIN": {User: "u@example.com", Password: password},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, o)
			got := smtptalk.Send(t.Context(), read(t, s, nil), mail())
			if got.Failure != nil {
				t.Fatalf("got %v after\n%s", got.Failure, said(got))
			}
			want := []smtptest.Mail{{
				Mail: identity.Mail{From: "Exämple <no-reply@example.com>", To: []string{"anna@example.org"}, Subject: "A test — of mail", Text: "It wörks.\n"},
				TLS:  o.TLS || o.STARTTLS, User: o.User,
			}}
			if diff := cmp.Diff(want, s.Mails(), cmpopts.IgnoreFields(identity.Mail{}, "ID", "Date", "HTML"), cmpopts.IgnoreFields(smtptest.Mail{}, "Raw")); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
			raw := string(s.Mails()[0].Raw)
			for _, part := range []string{"Reply-To: help@example.com", "multipart/alternative", "<p>It w=C3=B6rks.</p>"} {
				if !strings.Contains(raw, part) {
					t.Errorf("got a mail without %q:\n%s", part, raw)
				}
			}
			if got.LoggedIn != (o.User != "") || (got.Security != nil) != (o.TLS || o.STARTTLS) {
				t.Errorf("got login %v and security %v", got.LoggedIn, got.Security)
			}
			if c := got.Security; c != nil && (c.Version != "TLS 1.3" || !c.Verified || !slices.Equal(c.Names, []string{"localhost", "127.0.0.1"}) ||
				c.Issuer != "CN=identityd test authority" || time.Until(c.NotAfter) > 24*time.Hour) {
				t.Errorf("got %+v", c)
			}
			if text := said(got); strings.Contains(text, "secret") || !strings.Contains(text, "S: 250 2.0.0 OK") || !strings.Contains(text, "C: QUIT") {
				t.Errorf("got the dialog\n%s", text)
			}
		})
	}
}

// commands are what a server was asked, in the order in which it was.
func commands(heard string) []string {
	var out []string
	for line := range strings.Lines(heard) {
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if slices.Contains([]string{"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"}, verb) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// What is shown is only worth something while it is what the courier does.
func TestTheCourierSaysTheSame(t *testing.T) {
	for name, o := range map[string]smtptest.Options{
		"to a plain server": {}, "with STARTTLS and PLAIN": {STARTTLS: true, User: "u@example.com", Password: password},
		"with TLS and LOGIN": {TLS: true, User: "u@example.com", Password: password, LoginOnly: true},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := smtptest.Start(t, o), smtptest.Start(t, o)
			if got := smtptalk.Send(t.Context(), read(t, ours, nil), mail()); got.Failure != nil {
				t.Fatal(got.Failure)
			}
			cfg := read(t, theirs, nil)
			d := &gomail.Dialer{Host: cfg.Host, Port: cfg.Port, Username: cfg.User, Password: cfg.Password, SSL: cfg.Implicit, TLSConfig: cfg.TLS, Timeout: 10 * time.Second}
			m := gomail.NewMessage()
			m.SetHeader("From", "no-reply@example.com")
			m.SetHeader("To", "anna@example.org")
			m.SetBody("text/plain", "It works.")
			if err := d.DialAndSend(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			want := commands(theirs.Heard())
			if len(want) < 5 {
				t.Fatalf("got %q, want a dialog", want)
			}
			if diff := cmp.Diff(want, commands(ours.Heard())); diff != "" {
				t.Errorf("dialogs (-courier +ours):\n%s", diff)
			}
		})
	}
}

func TestWhatFailsIsExplained(t *testing.T) {
	auth := smtptest.Options{STARTTLS: true, User: "u", Password: password}
	no := func(code int, enhanced smtp.EnhancedCode, text string) *smtp.SMTPError {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
	}
	for name, tt := range map[string]struct {
		options smtptest.Options
		change  func(*url.URL)
		alter   func(*smtptalk.Config)
		step    smtptalk.Step
		kind    smtptalk.Kind
		text    string
	}{
		"a name that nobody has": {
			change: func(u *url.URL) { u.Host = "mail.invalid:25" }, step: smtptalk.Resolve, kind: "name", text: "mail.invalid",
		},
		"a port that is closed": {
			change: func(u *url.URL) { u.Host = "127.0.0.1:1" }, step: smtptalk.Connect, kind: smtptalk.Refused, text: "nothing listens at 127.0.0.1:",
		},
		"a certificate for another name": {
			options: smtptest.Options{TLS: true, Hosts: []string{"mail.example.net"}}, step: smtptalk.TLS, kind: smtptalk.OtherName,
			text: "is for mail.example.net, not for 127.0.0.1",
		},
		"a certificate that expired, after STARTTLS": {
			options: smtptest.Options{STARTTLS: true, Until: time.Now().Add(-time.Hour)}, step: smtptalk.TLS, kind: smtptalk.Expired, text: "expired on",
		},
		"a certificate of an authority that nobody knows": {
			options: smtptest.Options{TLS: true}, alter: func(c *smtptalk.Config) { c.TLS.RootCAs = x509.NewCertPool() },
			step: smtptalk.TLS, kind: smtptalk.Untrusted, text: "SSL_CERT_FILE",
		},
		"TLS where none is spoken": {
			change: func(u *url.URL) { u.Scheme, u.RawQuery = "smtps", "" }, step: smtptalk.TLS, kind: smtptalk.NotTLS, text: "write smtp://",
		},
		"STARTTLS that is not offered": {
			change: func(u *url.URL) { u.RawQuery = "" }, step: smtptalk.StartTLS, kind: smtptalk.NoSTARTTLS, text: "offers no STARTTLS",
		},
		"a wrong password": {
			options: auth, change: func(u *url.URL) { u.User = url.UserPassword("u", "other-secret") }, step: smtptalk.Login,
			kind: smtptalk.WrongPassword, text: "%40",
		},
		"no password where one is asked for": {
			options: auth, change: func(u *url.URL) { u.User = nil }, step: smtptalk.Sender, kind: smtptalk.NeedsLogin, text: "user:password@host",
		},
		"a sender that is not allowed": {
			options: smtptest.Options{RefuseSender: no(553, smtp.EnhancedCode{5, 7, 1}, "not owned by user")}, step: smtptalk.Sender,
			kind: smtptalk.SenderRefused, text: "mail.from",
		},
		"a recipient that does not exist": {
			options: smtptest.Options{RefuseRecipient: no(550, smtp.EnhancedCode{5, 1, 1}, "no such user")}, step: smtptalk.Recipient,
			kind: smtptalk.RecipientRefused, text: "550 5.1.1 no such user",
		},
		"a relay that is denied": {
			options: smtptest.Options{RefuseRecipient: no(554, smtp.EnhancedCode{5, 7, 1}, "Relay access denied")}, step: smtptalk.Recipient,
			kind: smtptalk.RelayDenied, text: "passes no mail on",
		},
		"a server that lets strangers wait": {
			options: smtptest.Options{RefuseRecipient: no(450, smtp.EnhancedCode{4, 2, 0}, "Greylisted")}, step: smtptalk.Recipient,
			kind: smtptalk.Later, text: "greylisting",
		},
		"a mail that is taken for spam": {
			options: smtptest.Options{RefuseMail: no(554, smtp.EnhancedCode{5, 7, 1}, "spam")}, step: smtptalk.Data, kind: smtptalk.MailRefused, text: "SPF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, tt.options)
			cfg := read(t, s, tt.change)
			if tt.alter != nil {
				tt.alter(&cfg)
			}
			got := smtptalk.Send(t.Context(), cfg, mail())
			if got.Failure == nil {
				t.Fatalf("got no failure:\n%s", said(got))
			}
			f := got.Failure
			if f.Step != tt.step || !strings.HasPrefix(string(f.Kind), string(tt.kind)) || !strings.Contains(f.Error(), tt.text) || f.Cure == "" {
				t.Errorf("got %s %s %v, want %s %s and %q", f.Step, f.Kind, f, tt.step, tt.kind, tt.text)
			}
			if text := said(got) + f.Error(); strings.Contains(text, "secret") {
				t.Errorf("got a password in\n%s", text)
			}
			if n := len(s.Mails()); n != 0 {
				t.Errorf("got %d mails, want none", n)
			}
		})
	}
}

// strange serves one connection as a server that is none, or one of ill will.
func strange(t *testing.T, answer func(net.Conn)) smtptalk.Config {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		answer(conn)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	cfg, err := smtptalk.Read("smtp://u:hidden-word@" + l.Addr().String() + "?disable_starttls=true")
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestStrangeServers(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(net.Conn)
		step   smtptalk.Step
		kind   smtptalk.Kind
	}{
		"one that says nothing, as TLS ports do":    {silence, smtptalk.Greeting, smtptalk.TimedOut},
		"one that hangs up":                         {func(net.Conn) {}, smtptalk.Greeting, smtptalk.HungUp},
		"one that speaks something else":            {func(c net.Conn) { say(c, "SSH-2.0-OpenSSH_9.6\r\n") }, smtptalk.Greeting, smtptalk.NotSMTP},
		"one that does not want us":                 {func(c net.Conn) { say(c, "554 5.7.1 you are on a list\r\n") }, smtptalk.Greeting, smtptalk.Refused},
		"one that says the password back":           {echo, smtptalk.Sender, smtptalk.Later},
		"one that never ends, bounded by its bytes": {endless, smtptalk.Greeting, smtptalk.HungUp},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := strange(t, tt.answer)
			if tt.kind == smtptalk.TimedOut {
				cfg.Patience = 50 * time.Millisecond
			}
			got := smtptalk.Try(t.Context(), cfg, "no-reply@example.com")
			if got.Failure == nil || got.Failure.Step != tt.step || got.Failure.Kind != tt.kind {
				t.Fatalf("got %v (%+v), want %s %s", got.Failure, got.Failure, tt.step, tt.kind)
			}
			if text := said(got) + got.Failure.Error(); strings.ContainsAny(text, "\x1b\a") || strings.Contains(text, "hidden-word") || strings.Contains(text, "aGlkZGVuLXdvcmQ") {
				t.Errorf("got a control character or the password in %q", text)
			}
		})
	}
}

func silence(c net.Conn) { io.Copy(io.Discard, c) } //nolint:errcheck // until the other side has enough

func say(c net.Conn, text string) { io.WriteString(c, text) } //nolint:errcheck // the other side notices

func endless(c net.Conn) {
	line := []byte("220-" + strings.Repeat("x", 1000) + "\r\n")
	for {
		if _, err := c.Write(line); err != nil {
			return
		}
	}
}

func echo(c net.Conn) {
	in := bufio.NewScanner(c)
	say(c, "220 \x1b[2Jhello\a\r\n")
	for in.Scan() {
		switch verb, _, _ := strings.Cut(in.Text(), " "); verb {
		case "EHLO":
			say(c, "250-me\r\n250 AUTH PLAIN\r\n")
		case "AUTH":
			say(c, "235 welcome "+in.Text()+" hidden-word\r\n")
		case "QUIT":
			say(c, "221 bye\r\n")
			return
		default:
			say(c, "451 later, hidden-word\r\n")
		}
	}
}

func TestTheEndOfTheContextEndsADialog(t *testing.T) {
	reached := make(chan struct{})
	cfg := strange(t, func(c net.Conn) { close(reached); silence(c) })
	cfg.Patience = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	if got := smtptalk.Try(ctx, cfg, "a@example.com"); got.Failure == nil {
		t.Error("got no failure")
	}
}

func TestAddressesAreReadAsKratosDoes(t *testing.T) {
	for raw, want := range map[string]smtptalk.Config{
		"smtps://u:p%40@mail.example.com:465": {Host: "mail.example.com", Port: 465, User: "u", Password: "p@", Implicit: true},
		"smtp://mail.example.com:587":         {Host: "mail.example.com", Port: 587, Demand: true},
		"smtp://localhost:25?disable_starttls=true": {
			Host: "localhost", Port: 25,
		},
	} {
		got, err := smtptalk.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got.TLS.ServerName != want.Host || got.TLS.MinVersion != tls.VersionTLS12 {
			t.Errorf("got %s verified as %q", raw, got.TLS.ServerName)
		}
		got.TLS = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
	for _, raw := range []string{"smtp://u:secret@mail.example.com", "http://mail.example.com:25", "smtp://u:sec ret@:25"} {
		if _, err := smtptalk.Read(raw); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec ret") {
			t.Errorf("got %v for %q, want an error without the password", err, raw)
		}
	}
}
