package demo

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// The defaults are the addresses of the development profile.
const (
	DefaultIssuer   = "http://localhost:3000"
	DefaultAdminURL = "http://127.0.0.1:4445"
	DefaultListen   = "localhost:5555"
)

// ErrArguments is in the chain of every error that another argument would mend.
var ErrArguments = errors.New("wrong arguments")

// Config says which provider to use and where to listen.
type Config struct {
	// Issuer is the provider, written exactly as it calls itself. Empty: DefaultIssuer.
	Issuer string
	// AdminURL is Hydra's admin API, where the client is registered and tokens are introspected.
	// Empty: DefaultAdminURL.
	AdminURL string
	// Listen is an address of this machine, as localhost:5555; no host is localhost, port 0 any
	// free one. Empty: DefaultListen.
	Listen string
	// ClientID names a client that was made otherwise. Empty: one is registered at AdminURL.
	ClientID string
	// ClientSecret belongs to ClientID; a public client has none.
	ClientSecret string
	// Out is told what to open. Nil: nobody is.
	Out io.Writer
	// Log takes what people need not see. Nil: it is dropped.
	Log *slog.Logger
}

// argumentError is a mistake in the arguments, in words for the person who made it.
type argumentError struct{ text string }

// Error returns the text, which names the argument, its value and the cure.
func (e *argumentError) Error() string { return e.text }

// Unwrap returns ErrArguments.
func (e *argumentError) Unwrap() error { return ErrArguments }

func badArgument(format string, args ...any) error {
	return &argumentError{fmt.Sprintf(format, args...)}
}

// complete fills the defaults in and judges what was given.
func (c Config) complete() (Config, error) {
	c.Issuer = orText(c.Issuer, DefaultIssuer)
	c.AdminURL = strings.TrimRight(orText(c.AdminURL, DefaultAdminURL), "/")
	c.Listen = orText(c.Listen, DefaultListen)
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	issuer, err := address("--issuer", c.Issuer)
	if err != nil {
		return Config{}, err
	}
	admin, err := address("--hydra-admin", c.AdminURL)
	if err != nil {
		return Config{}, err
	}
	switch {
	case c.ClientID == "" && c.ClientSecret != "":
		return Config{}, badArgument("--client-secret belongs to a client: name it with --client-id")
	case c.ClientID != "":
		return c, nil
	case !loopback(issuer.Hostname()):
		// Its redirect address is on this machine and its secret lives in this process only: that
		// is no client to leave behind at a provider of other people.
		return Config{}, badArgument("--issuer %s is not on this machine: a client is registered only "+
			"at a development stack here; make one there and name it with --client-id and "+
			"--client-secret", c.Issuer)
	case !loopback(admin.Hostname()):
		return Config{}, badArgument("--hydra-admin %s is not on this machine: a client is registered "+
			"only at a development stack here; use --client-id", c.AdminURL)
	}
	return c, nil
}

func orText(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}

// address reads a base URL. The value itself is left out of the error when it may hold a password.
func address(flag, value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return nil, badArgument("%s wants an http or https URL, as in %s http://localhost:3000", flag, flag)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, badArgument("%s wants scheme, host and path only: no user, query or fragment", flag)
	}
	return u, nil
}

// loopback reports whether the host is this machine by its name alone.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// splitListen returns host and port of a listen address. Only this machine will do: whoever reaches
// the pages could start a sign-in, over plain http.
func splitListen(value string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(value)
	if err != nil {
		return "", 0, badArgument("--listen wants host:port, as in %s (got %q)", DefaultListen, value)
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, badArgument("--listen wants a port from 0 to 65535 (got %q)", value)
	}
	host = orText(host, "localhost")
	if !loopback(host) {
		return "", 0, badArgument("--listen wants an address of this machine, as in %s (got %q): the "+
			"demo shows tokens over plain http", DefaultListen, value)
	}
	return host, port, nil
}
