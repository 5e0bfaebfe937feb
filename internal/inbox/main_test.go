package inbox_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/ory/mail/v3"
	"go.uber.org/goleak"

	"example.com/identityd/internal/inbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logBuffer is a log that tests read while others write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func start(t *testing.T, origins ...string) (*inbox.Server, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	handler := slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
	s, err := inbox.Start(t.Context(), slog.New(handler), origins...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s, log
}

// host is what net/smtp dials.
func host(t *testing.T, s *inbox.Server) string {
	t.Helper()
	u, err := url.Parse(s.SMTPURL())
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func dial(t *testing.T, s *inbox.Server) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", host(t, s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// courier dials as Kratos does for a smtp:// address with disable_starttls (courier/smtp.go).
func courier(t *testing.T, raw string) *gomail.Dialer {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "smtp" || u.Query().Get("disable_starttls") != "true" {
		t.Fatalf("Kratos would demand TLS of %q", raw)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return &gomail.Dialer{
		Host: u.Hostname(), Port: port, Username: u.User.Username(),
		Timeout: 10 * time.Second, RetryFailure: true,
	}
}

// kratosMail writes a mail as Kratos does (courier/smtp_channel.go).
func kratosMail(to, subject, plain, html string) *gomail.Message {
	m := gomail.NewMessage()
	m.SetAddressHeader("From", "no-reply@example.com", "Grüße & Söhne")
	m.SetHeader("To", to)
	m.SetHeader("Subject", subject)
	m.SetBody("text/plain", plain)
	if html != "" {
		m.AddAlternative("text/html", html)
	}
	return m
}

func send(t *testing.T, ctx context.Context, s *inbox.Server, m *gomail.Message) {
	t.Helper()
	if err := courier(t, s.SMTPURL()).DialAndSend(ctx, m); err != nil {
		t.Fatalf("sending: %v", err)
	}
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }
