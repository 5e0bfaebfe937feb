package smtptalk

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"
)

// Send delivers a mail.
func Send(ctx context.Context, cfg Config, mail Mail) Talk {
	return talk(cfg, func(s *session) *Failure {
		if failed := s.open(ctx); failed != nil {
			return failed
		}
		if failed := s.sender(mail.From); failed != nil {
			return failed
		}
		return s.deliver(mail)
	})
}

// Try does all that comes before a mail is handed over: the connection, encryption, login, and the sender.
// Nobody gets anything.
func Try(ctx context.Context, cfg Config, from string) Talk {
	return talk(cfg, func(s *session) *Failure {
		if failed := s.open(ctx); failed != nil {
			return failed
		}
		return s.sender(from)
	})
}

func talk(cfg Config, do func(*session) *Failure) Talk {
	out := &Talk{}
	s := &session{cfg: cfg, recorder: recorder{talk: out, began: time.Now(), hidden: secrets(cfg)}}
	out.Failure = do(s)
	if s.text != nil && (out.Failure == nil || out.Failure.Code != 0) {
		s.quit()
	}
	if s.conn != nil {
		s.conn.Close()
	}
	out.Took = time.Since(s.began)
	return *out
}

// secrets are the forms in which the password travels, should a server say it back.
func secrets(cfg Config) []string {
	if cfg.Password == "" {
		return nil
	}
	both := "\x00" + cfg.User + "\x00" + cfg.Password
	return []string{
		base64.StdEncoding.EncodeToString([]byte(both)), base64.StdEncoding.EncodeToString([]byte(cfg.Password)), cfg.Password,
	}
}

// open is everything up to the login.
func (s *session) open(ctx context.Context) *Failure {
	// The context ends a dialog that waits, whatever the deadline of the connection.
	if failed := s.connect(ctx); failed != nil {
		return failed
	}
	stop := context.AfterFunc(ctx, func() { s.conn.SetDeadline(time.Now()) }) //nolint:errcheck // reads will say it
	defer stop()
	if s.cfg.Implicit {
		if failed := s.encrypt(ctx); failed != nil {
			return failed
		}
	}
	s.speak()
	if _, failed := s.answer(Greeting, 220); failed != nil {
		return failed
	}
	if failed := s.hello(); failed != nil {
		return failed
	}
	if failed := s.upgrade(ctx); failed != nil {
		return failed
	}
	return s.login()
}

// upgrade turns to TLS where the server offers it, and refuses one that does not where that is demanded.
func (s *session) upgrade(ctx context.Context) *Failure {
	switch {
	case s.cfg.Implicit:
		return nil
	case !s.offers("STARTTLS"):
		if s.cfg.Demand {
			return s.fail(StartTLS, errNoSTARTTLS)
		}
		return nil
	}
	if _, failed := s.ask(StartTLS, "STARTTLS", 220); failed != nil {
		return failed
	}
	if failed := s.encrypt(ctx); failed != nil {
		s.text = nil // nothing that is said now would be understood
		return failed
	}
	s.speak()
	return s.hello()
}

func (s *session) sender(from string) *Failure {
	s.patient()
	line := "MAIL FROM:<" + from + ">"
	if s.offers("8BITMIME") {
		line += " BODY=8BITMIME"
	}
	if s.offers("SMTPUTF8") {
		line += " SMTPUTF8"
	}
	_, failed := s.ask(Sender, line, 250)
	return failed
}

func (s *session) deliver(mail Mail) *Failure {
	// 251 is "will forward", which net/smtp takes too.
	if _, failed := s.ask(Recipient, "RCPT TO:<"+mail.To+">", 25); failed != nil {
		return failed
	}
	raw, err := mail.bytes(time.Now())
	if err != nil {
		return s.fail(Data, err)
	}
	if _, failed := s.ask(Data, "DATA", 354); failed != nil {
		return failed
	}
	s.say(Client, fmt.Sprintf("(the mail, %d bytes)", len(raw)))
	w := s.text.DotWriter()
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	if err != nil {
		return s.fail(Data, err)
	}
	s.say(Client, ".")
	_, failed := s.answer(Data, 250)
	return failed
}

// quit says goodbye. What comes of it changes nothing.
func (s *session) quit() {
	s.conn.SetDeadline(time.Now().Add(min(s.cfg.patience(), 2*time.Second))) //nolint:errcheck // reads will say it
	if err := s.command("QUIT", "QUIT"); err == nil {
		s.reply() //nolint:errcheck // as said
	}
}
