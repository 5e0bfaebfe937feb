package smtptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/textproto"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	gomail "github.com/ory/mail/v3"
	"go.uber.org/goleak"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/inbox/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// courier reads the address as Kratos does (courier/smtp.go, NewSMTPClient); roots stand for the
// system's.
func courier(t *testing.T, raw string, roots *x509.CertPool) *gomail.Dialer {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	d := &gomail.Dialer{
		Host: u.Hostname(), Port: port, Username: u.User.Username(), Password: password,
		Timeout: 10 * time.Second,
	}
	config := &tls.Config{
		ServerName: u.Hostname(), RootCAs: roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: u.Query().Get("skip_ssl_verify") == "true",
	}
	switch {
	case u.Scheme == "smtps":
		d.TLSConfig, d.SSL = config, true
	case u.Query().Get("disable_starttls") != "true":
		d.TLSConfig, d.StartTLSPolicy = config, gomail.MandatoryStartTLS
	}
	return d
}

func send(t *testing.T, d *gomail.Dialer) error {
	t.Helper()
	m := gomail.NewMessage()
	m.SetHeader("From", "no-reply@example.com")
	m.SetHeader("To", "a@example.com")
	m.SetHeader("Subject", "Use code 135790 to log in")
	m.SetBody("text/plain", "hello")
	return d.DialAndSend(t.Context(), m)
}

func trusting(t *testing.T, pem []byte) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if pem != nil && !pool.AppendCertsFromPEM(pem) {
		t.Fatal("the authority is no PEM")
	}
	return pool
}

func TestKratosDeliversTo(t *testing.T) {
	tests := map[string]struct {
		options smtptest.Options
		scheme  string
		tls     bool
	}{
		"a plain server":       {smtptest.Options{}, "smtp", false},
		"STARTTLS":             {smtptest.Options{STARTTLS: true}, "smtp", true},
		"TLS":                  {smtptest.Options{TLS: true}, "smtps", true},
		"a plain server, AUTH": {smtptest.Options{User: "u@example.com", Password: "p:/@ ß"}, "smtp", false},
		"STARTTLS and AUTH": {
			smtptest.Options{STARTTLS: true, User: "u@example.com", Password: "p:/@ ß"}, "smtp", true,
		},
		"TLS and AUTH": {smtptest.Options{TLS: true, User: "u", Password: "p"}, "smtps", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, tt.options)
			if u, err := url.Parse(s.URL); err != nil || u.Scheme != tt.scheme {
				t.Errorf("got the address %q, want scheme %s", s.URL, tt.scheme)
			}
			if err := send(t, courier(t, s.URL, trusting(t, s.CA))); err != nil {
				t.Fatal(err)
			}
			want := []smtptest.Mail{{
				Mail: identity.Mail{
					From: "no-reply@example.com", To: []string{"a@example.com"},
					Subject: "Use code 135790 to log in", Text: "hello\n", Code: "135790",
				},
				TLS: tt.tls, User: tt.options.User,
			}}
			if diff := cmp.Diff(want, s.Mails(), cmpopts.IgnoreFields(identity.Mail{}, "ID", "Date"),
				cmpopts.IgnoreFields(smtptest.Mail{}, "Raw")); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMailsAreNewestFirst(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	for range 2 {
		if err := send(t, courier(t, s.URL, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Mails(); len(got) != 2 || !got[0].Date.After(got[1].Date) {
		t.Errorf("got %v, want two mails, newest first", got)
	}
}

// What the package comment of inbox says of Kratos.
func TestKratosIsRefused(t *testing.T) {
	both := smtptest.Options{STARTTLS: true, User: "u", Password: "p"}
	tests := map[string]struct {
		options smtptest.Options
		change  func(u *url.URL)
		trust   bool
		want    func(error) bool
	}{
		"by verification, of an authority that is not trusted, TLS": {
			options: smtptest.Options{TLS: true}, want: untrusted,
		},
		"by verification, of an authority that is not trusted, STARTTLS": {options: both, want: untrusted},
		"by verification, even with disable_starttls, when STARTTLS is offered": {
			options: both, change: query("disable_starttls=true&skip_ssl_verify=true"), want: untrusted,
		},
		"by its own demand, when STARTTLS is not offered": {
			options: smtptest.Options{}, change: query(""), want: func(err error) bool {
				var e gomail.StartTLSUnsupportedError
				return errors.As(err, &e)
			},
		},
		"with 535, of a wrong password": {
			options: both, trust: true,
			change: func(u *url.URL) { u.User = url.UserPassword("u", "wrong") }, want: answer(535),
		},
		"with 502, of no password": {
			options: both, trust: true, change: func(u *url.URL) { u.User = nil }, want: answer(502),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, tt.options)
			u, err := url.Parse(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				tt.change(u)
			}
			roots := trusting(t, nil)
			if tt.trust {
				roots = trusting(t, s.CA)
			}
			if err := send(t, courier(t, u.String(), roots)); !tt.want(err) {
				t.Errorf("got the error %v", err)
			}
			if got := len(s.Mails()); got != 0 {
				t.Errorf("got %d mails, want none", got)
			}
		})
	}
}

func TestSkippingVerificationDelivers(t *testing.T) {
	for name, o := range map[string]smtptest.Options{
		"STARTTLS": {STARTTLS: true}, "TLS": {TLS: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, o)
			if err := send(t, courier(t, s.URL+"?skip_ssl_verify=true", trusting(t, nil))); err != nil {
				t.Fatal(err)
			}
			if got := s.Mails(); len(got) != 1 || !got[0].TLS {
				t.Errorf("got %v, want one mail that came by TLS", got)
			}
		})
	}
}

func query(q string) func(*url.URL) { return func(u *url.URL) { u.RawQuery = q } }

func untrusted(err error) bool {
	var e x509.UnknownAuthorityError
	return errors.As(err, &e)
}

func answer(code int) func(error) bool {
	return func(err error) bool {
		var sending *gomail.SendError
		if errors.As(err, &sending) {
			err = sending.Cause
		}
		var e *textproto.Error
		return errors.As(err, &e) && e.Code == code
	}
}
