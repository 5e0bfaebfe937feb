package smtptest

import (
	"crypto/subtle"
	"errors"
	"io"
	"slices"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"example.com/identityd/internal/inbox"
)

type session struct {
	server *Server
	conn   *smtp.Conn
	user   string
	from   string
	to     []string
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.options.User == "" {
		return nil
	}
	if s.server.options.LoginOnly {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(mech string) (sasl.Server, error) {
	if !slices.Contains(s.AuthMechanisms(), mech) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	judge := func(user, password string) error {
		o := s.server.options
		if !same(user, o.User) || !same(password, o.Password) {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}
	if mech == sasl.Login {
		return &login{judge: judge}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return judge(user, password) }), nil
}

// login is the server's side of AUTH LOGIN, which go-sasl has only for clients.
type login struct {
	judge func(user, password string) error
	user  string
	asked int
}

// Next implements sasl.Server.
func (l *login) Next(response []byte) ([]byte, bool, error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.judge(l.user, string(response))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options.STARTTLS && !s.encrypted() {
		return &smtp.SMTPError{
			Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0},
			Message: "Must issue a STARTTLS command first",
		}
	}
	if s.server.options.User != "" && s.user == "" {
		return smtp.ErrAuthRequired
	}
	if s.server.options.BeforeMail != nil {
		s.server.options.BeforeMail()
	}
	if no := s.server.options.RefuseSender; no != nil {
		return no
	}
	s.from = from
	return nil
}

func (s *session) encrypted() bool {
	_, ok := s.conn.TLSConnectionState()
	return ok
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if no := s.server.options.RefuseRecipient; no != nil {
		return no
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if no := s.server.options.RefuseMail; no != nil {
		return no
	}
	if len(s.to) == 0 {
		return errors.New("a mail without a recipient")
	}
	m := Mail{Mail: inbox.Parse(raw, s.from, s.to), TLS: s.encrypted(), User: s.user, Raw: raw}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, m)
	return nil
}

// Reset implements smtp.Session. The user stays: RSET does not sign out.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
