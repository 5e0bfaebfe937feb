package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/inbox/smtprun"
)

// The limits of a connection. The only client meant is a mail courier on the same machine, which
// sends one mail at a time with lines of 76 characters; whatever else dials loopback gets no more of
// this process than these.
const (
	maxConnections = 32
	maxRecipients  = 100
	maxLine        = 2000 // twice what RFC 5321 allows
	readTimeout    = 30 * time.Second
	writeTimeout   = 10 * time.Second
)

// Server is a mail server that keeps what it is given. Its methods are safe for concurrent use.
type Server struct {
	store   store
	origins []string
	log     *slog.Logger
	addr    string
	running *smtprun.Running
}

// Start listens on a free port of 127.0.0.1 and serves until Close, or until the context of Run
// ends; ctx itself bounds the listening only. origins (https://host:port) are those of the pages
// that Link may point to; without any, the path and query of an address decide alone.
func Start(ctx context.Context, log *slog.Logger, origins ...string) (*Server, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for mail on the loopback interface: %w", err)
	}
	s := &Server{origins: origins, log: log, addr: l.Addr().String()}
	server := newSMTP(context.WithoutCancel(ctx), s)
	s.running = smtprun.Start(server, l, func(l net.Listener) net.Listener {
		return netutil.LimitListener(l, maxConnections)
	})
	return s, nil
}

func newSMTP(ctx context.Context, s *Server) *smtp.Server {
	out := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{ctx: ctx, server: s}, nil
	}))
	out.Domain = "localhost"
	out.MaxRecipients = maxRecipients
	out.MaxMessageBytes = maxMail
	out.MaxLineLength = maxLine
	out.ReadTimeout = readTimeout
	out.WriteTimeout = writeTimeout
	out.EnableSMTPUTF8 = true
	out.ErrorLog = errorLog{ctx: ctx, log: s.log}
	return out
}

// SMTPURL is what Kratos' courier dials. The server offers no STARTTLS and asks for no user, so
// neither is in it.
func (s *Server) SMTPURL() string { return "smtp://" + s.addr + "/?disable_starttls=true" }

// Run waits until ctx ends and closes the server. It returns early, with the cause, when the server
// stopped by itself.
func (s *Server) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-s.running.Done():
	}
	return s.Close()
}

// Close ends every connection and returns when the last one is done with. The mails stay readable.
func (s *Server) Close() error {
	if err := s.running.Close(); err != nil {
		return fmt.Errorf("running the development mail server: %w", err)
	}
	return nil
}

// Mails returns what was caught, newest first.
func (s *Server) Mails() []identity.Mail { return s.store.mails() }

// Mail returns one mail by its ID.
func (s *Server) Mail(id string) (identity.Mail, bool) { return s.store.mail(id) }

// Clear forgets every mail.
func (s *Server) Clear() { s.store.clear() }
