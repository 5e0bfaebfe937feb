package smtptalk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// most is how much of a server's answers is read: a greeting and a few replies are hundreds of bytes.
const most = 1 << 20

// session is one connection. Its order is that of ory/mail (smtp.go) and net/smtp, which the courier uses:
// they cannot be listened to behind STARTTLS.
type session struct {
	recorder
	cfg  Config
	conn net.Conn
	text *textproto.Conn
	ext  map[string]string
	tls  bool
}

// connect looks the name up first, so that what fails is told apart.
func (s *session) connect(ctx context.Context) *Failure {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.patience())
	defer cancel()
	s.say(Nobody, "connecting to "+s.cfg.Addr())
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.cfg.Addr())
	if err != nil {
		step := Connect
		if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
			step = Resolve
		}
		return s.fail(step, err)
	}
	s.conn = conn
	s.say(Nobody, "connected to "+conn.RemoteAddr().String())
	s.patient()
	return nil
}

// patient gives the server time anew.
func (s *session) patient() {
	s.conn.SetDeadline(time.Now().Add(s.cfg.patience())) //nolint:errcheck // reads will say it
}

func (s *session) speak() {
	s.text = textproto.NewConn(struct {
		io.Reader
		io.Writer
		io.Closer
	}{io.LimitReader(s.conn, most), s.conn, s.conn})
}

func (s *session) encrypt(ctx context.Context) *Failure {
	conn := tls.Client(s.conn, s.cfg.TLS)
	if err := conn.HandshakeContext(ctx); err != nil {
		if refused := (*tls.CertificateVerificationError)(nil); errors.As(err, &refused) {
			s.talk.Security = certified(refused.UnverifiedCertificates)
			s.describe()
		}
		return s.fail(TLS, err)
	}
	s.talk.Security = secured(conn.ConnectionState(), !s.cfg.TLS.InsecureSkipVerify)
	s.conn, s.tls = conn, true
	s.say(Nobody, fmt.Sprintf("encrypted: %s, %s", s.talk.Security.Version, s.talk.Security.Cipher))
	s.describe()
	return nil
}

func (s *session) describe() {
	c := s.talk.Security
	s.say(Nobody, "certificate of "+orNone(c.Subject)+" for "+orNone(strings.Join(c.Names, ", ")))
	s.say(Nobody, fmt.Sprintf("issued by %s, good until %s", orNone(c.Issuer), c.NotAfter.UTC().Format(time.RFC3339)))
}

func orNone(s string) string {
	if s == "" {
		return "nobody"
	}
	return s
}

// command sends a line. What is shown of it is another one where it holds a secret.
func (s *session) command(line, shown string) error {
	s.say(Client, shown)
	return s.text.PrintfLine("%s", line)
}

// ask sends a line and reads the answer, which has to have the code that is wanted; 25 is 250 to 259.
func (s *session) ask(step Step, line string, want int) (string, *Failure) {
	if err := s.command(line, line); err != nil {
		return "", s.fail(step, err)
	}
	return s.answer(step, want)
}

func (s *session) answer(step Step, want int) (string, *Failure) {
	code, text, err := s.reply()
	switch {
	case err != nil:
		return "", s.fail(step, err)
	case code == want, want < 100 && code/10 == want:
		return text, nil
	}
	return "", s.fail(step, &textproto.Error{Code: code, Msg: text})
}

// reply reads the lines of one answer.
func (s *session) reply() (int, string, error) {
	var lines []string
	for {
		line, err := s.text.ReadLine()
		if err != nil {
			return 0, "", err
		}
		s.say(Server, line)
		code, err := strconv.Atoi(line[:min(3, len(line))])
		if err != nil || code < 100 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
			return 0, "", errNotSMTP
		}
		lines = append(lines, strings.TrimSpace(line[min(4, len(line)):]))
		if len(line) < 4 || line[3] == ' ' {
			return code, strings.Join(lines, "\n"), nil
		}
	}
}

var errNotSMTP = errors.New("the answer is not SMTP")

// hello introduces us and keeps what the server offers.
func (s *session) hello() *Failure {
	s.ext = map[string]string{}
	text, failed := s.ask(Hello, "EHLO "+s.cfg.localName(), 250)
	if failed != nil {
		if failed.Code == 0 {
			return failed
		}
		// As net/smtp does with a server that knows no EHLO.
		_, failed = s.ask(Hello, "HELO "+s.cfg.localName(), 250)
		return failed
	}
	for i, line := range strings.Split(text, "\n") {
		if name, value, _ := strings.Cut(line, " "); i > 0 {
			s.ext[strings.ToUpper(name)] = value
		}
	}
	return nil
}

func (s *session) offers(name string) bool {
	_, ok := s.ext[name]
	return ok
}
