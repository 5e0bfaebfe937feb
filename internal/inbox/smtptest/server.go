package smtptest

import (
	"bytes"
	"context"
	"crypto/tls"
	"log"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/inbox/smtprun"
)

// Options say what a client has to do. The zero value is a server without TLS and without users.
type Options struct {
	STARTTLS       bool   // TLS after STARTTLS, without which no mail is taken
	TLS            bool   // TLS from the first byte
	User, Password string // AUTH PLAIN, asked for when User is not empty
	// LoginOnly offers AUTH LOGIN and nothing else, as old servers do.
	LoginOnly bool
	// Hosts and Until are those of the certificate; nil and zero are 127.0.0.1 with localhost, and tomorrow.
	Hosts []string
	Until time.Time
	// RefuseSender, RefuseRecipient and RefuseMail are the answers to MAIL, RCPT and the mail itself; nil
	// takes them.
	RefuseSender, RefuseRecipient, RefuseMail *smtp.SMTPError
	// BeforeMail is called when a client has a mail and waits to be allowed to send it; nil is allowed.
	BeforeMail func()
}

// Server is a running mail server.
type Server struct {
	// URL is a courier.smtp.connection_uri, user and password included.
	URL string
	// CA is the authority of the certificate, PEM encoded; nil without TLS. Kratos trusts it only
	// through SSL_CERT_FILE in the environment of a process of its own: see CAFile.
	CA []byte

	options Options
	mu      sync.Mutex
	mails   []Mail
	heard   bytes.Buffer
}

// Mail is a mail with the manner of its coming.
type Mail struct {
	identity.Mail
	TLS  bool
	User string
	Raw  []byte
}

// Start serves on 127.0.0.1 until the test ends. The certificate is for 127.0.0.1 and localhost.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.STARTTLS && o.TLS {
		t.Fatal("a server has STARTTLS or TLS, not both")
	}
	s := &Server{options: o}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	server.Domain = "localhost"
	server.ReadTimeout, server.WriteTimeout = 10*time.Second, 10*time.Second
	server.MaxMessageBytes = 1 << 20
	server.EnableSMTPUTF8 = true
	// net/smtp sends a password in the clear to this host and so must this server take it.
	server.AllowInsecureAuth = !o.STARTTLS && !o.TLS
	server.ErrorLog = log.New(t.Output(), "smtptest: ", 0)
	server.Debug = listening{s}

	listener := s.listen(t)
	s.URL = s.url(listener.Addr().String())
	var wrap func(net.Listener) net.Listener
	if o.STARTTLS || o.TLS {
		authority := certtest.NewAuthority(t)
		s.CA = authority.PEM
		hosts, until := o.Hosts, o.Until
		if hosts == nil {
			hosts = []string{"127.0.0.1", "localhost"}
		}
		if until.IsZero() {
			until = time.Now().Add(24 * time.Hour)
		}
		pair := authority.Issue(t, until, hosts...)
		config := &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair.TLS(t)},
		}
		if o.TLS {
			wrap = func(l net.Listener) net.Listener { return tls.NewListener(l, config) }
		} else {
			server.TLSConfig = config
		}
	}
	running := smtprun.Start(server, listener, wrap)
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Errorf("serving mail: %v", err)
		}
	})
	return s
}

func (s *Server) listen(t testing.TB) net.Listener {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (s *Server) url(addr string) string {
	u := url.URL{Scheme: "smtp", Host: addr, Path: "/"}
	if s.options.User != "" {
		u.User = url.UserPassword(s.options.User, s.options.Password)
	}
	switch {
	case s.options.TLS:
		u.Scheme = "smtps"
	case !s.options.STARTTLS:
		u.RawQuery = "disable_starttls=true"
	}
	return u.String()
}

// Mails returns what was delivered, newest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.mails)
	slices.Reverse(out)
	return out
}

// Heard returns what was said, by both sides and without what was encrypted for others than the two.
func (s *Server) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

// listening keeps what a server and its clients say.
type listening struct{ to *Server }

// Write implements io.Writer.
func (l listening) Write(p []byte) (int, error) {
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	return l.to.heard.Write(p)
}

// CAFile writes CA to a file, for SSL_CERT_FILE.
func (s *Server) CAFile(t testing.TB) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, s.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
