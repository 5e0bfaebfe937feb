package smtptalk

import (
	"encoding/base64"
	"errors"
	"net/smtp"
	"net/textproto"
	"strings"
)

// login proves who we are, by the way that the courier would choose (ory/mail: smtp.go, Dial).
func (s *session) login() *Failure {
	if s.cfg.User == "" {
		return nil
	}
	if !s.offers("AUTH") {
		s.say(Nobody, "the server offers no AUTH: user and password are not used, as by the courier")
		return nil
	}
	ways := s.ext["AUTH"]
	var auth smtp.Auth
	switch {
	case strings.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(s.cfg.User, s.cfg.Password)
	case strings.Contains(ways, "LOGIN") && !strings.Contains(ways, "PLAIN"):
		auth = &loginAuth{user: s.cfg.User, password: s.cfg.Password, plain: s.plainAllowed()}
	default:
		auth = smtp.PlainAuth("", s.cfg.User, s.cfg.Password, s.cfg.Host)
	}
	name, first, err := auth.Start(&smtp.ServerInfo{Name: s.cfg.Host, TLS: s.tls, Auth: strings.Fields(ways)})
	if err != nil {
		return s.fail(Login, err)
	}
	line, shown := "AUTH "+name, "AUTH "+name
	if first != nil {
		line, shown = line+" "+base64.StdEncoding.EncodeToString(first), shown+" "+mask
	}
	for {
		if err := s.command(line, shown); err != nil {
			return s.fail(Login, err)
		}
		code, text, err := s.reply()
		switch {
		case err != nil:
			return s.fail(Login, err)
		case code == 235:
			s.talk.LoggedIn = true
			return nil
		case code != 334:
			return s.fail(Login, &textproto.Error{Code: code, Msg: text})
		}
		challenge, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return s.fail(Login, errNotSMTP)
		}
		next, err := auth.Next(challenge, true)
		if err != nil {
			return s.fail(Login, err)
		}
		line, shown = base64.StdEncoding.EncodeToString(next), mask
	}
}

// plainAllowed is net/smtp's own rule for sending a password as it is.
func (s *session) plainAllowed() bool {
	return s.tls || s.cfg.Host == "localhost" || s.cfg.Host == "127.0.0.1" || s.cfg.Host == "::1"
}

// errPlain is what net/smtp says too.
var errPlain = errors.New("unencrypted connection")

// loginAuth is AUTH LOGIN, which net/smtp has not and old servers still ask for.
type loginAuth struct {
	user, password string
	plain          bool
	asked          int
}

// Start implements smtp.Auth.
func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) {
	if !a.plain {
		return "", nil, errPlain
	}
	return "LOGIN", nil, nil
}

// Next implements smtp.Auth.
func (a *loginAuth) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	a.asked++
	switch a.asked {
	case 1:
		return []byte(a.user), nil
	case 2:
		return []byte(a.password), nil
	}
	return nil, errors.New("the server asks for more than user and password")
}
