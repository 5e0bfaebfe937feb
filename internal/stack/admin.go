package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/middleware"
)

// doors is what the admin listeners ask of those who come in by them. Calls within the process pass none.
type doors struct {
	hosts   []string
	tokens  *adminguard.Tokens
	clients *x509.CertPool
}

func (s *Stack) openDoors(c config.Admin) (doors, error) {
	d := doors{hosts: c.Hosts}
	var err error
	if c.TokenFile != "" {
		if d.tokens, err = adminguard.Open(c.TokenFile); err != nil {
			return doors{}, fmt.Errorf("admin.token_file: %w", err)
		}
		d.tokens.OnError = func(err error) {
			s.log.ErrorContext(context.Background(), "new admin tokens cannot be used, the old ones are kept", "err", err)
		}
	}
	if c.ClientCAFile != "" {
		raw, err := os.ReadFile(c.ClientCAFile)
		if err != nil {
			return doors{}, fmt.Errorf("admin.client_ca_file: %w", err)
		}
		d.clients = x509.NewCertPool()
		if !d.clients.AppendCertsFromPEM(raw) {
			return doors{}, fmt.Errorf("admin.client_ca_file: %s holds no certificate", c.ClientCAFile)
		}
	}
	return d, nil
}

// admin guards one admin listener.
func (s *Stack) admin(l *listener) middleware.Middleware {
	cfg := adminguard.Config{
		Listener: l.name, Log: s.log,
		Hosts: s.doors.hosts, Tokens: s.doors.tokens,
		Socket:    l.address.Network() == "unix",
		RequestID: func(r *http.Request) string { return middleware.RequestIDFrom(r.Context()) },
	}
	cfg.Note, cfg.Turned = s.noteChange(l), s.noteTurned(l)
	// A socket has no handshake to show a certificate in; its mode is the proof.
	cfg.Certified = s.doors.clients != nil && !cfg.Socket
	adminNeeds(l.name)(&cfg)
	return adminguard.Middleware(cfg)
}

// adminNeeds tells what requests to the admin API of an engine take, by its listener.
func adminNeeds(listener string) func(*adminguard.Config) {
	return func(cfg *adminguard.Config) {
		cfg.Need = adminguard.NeedKratos
		if listener == "hydra_admin" {
			cfg.Need, cfg.Form, cfg.OAuth2 = adminguard.NeedHydra, adminguard.Introspects, true
		}
	}
}

// certify asks for a client certificate in the handshake of an admin listener. With tokens beside it,
// one of the two is enough, and probes need neither.
func (d doors) certify(l *listener, c *tls.Config) *tls.Config {
	if c == nil || !l.admin || d.clients == nil {
		return c
	}
	c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, d.clients
	return c
}
