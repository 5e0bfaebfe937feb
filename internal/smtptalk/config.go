package smtptalk

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// patience is how long the courier waits for a login, and then for a delivery (kratos: courier/smtp.go).
const patience = 10 * time.Second

// Config is how a mail server is reached. [Read] makes one of an address.
type Config struct {
	// Host and Port are where the server is.
	Host string
	Port int
	// User and Password are used where the server offers AUTH, and not at all elsewhere.
	User, Password string
	// Implicit is TLS from the first byte, Demand refuses a server that does not offer STARTTLS.
	Implicit, Demand bool
	// TLS verifies the server.
	TLS *tls.Config
	// LocalName is how we introduce ourselves. Empty: localhost, as the courier does.
	LocalName string
	// Patience bounds the login, and then the delivery. 0: the courier's ten seconds.
	Patience time.Duration
}

// Read understands a courier.smtp.connection_uri as Kratos does (kratos: courier/smtp.go, NewSMTPClient).
func Read(raw string) (Config, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The address holds a password, and so does the text of the error.
		return Config{}, fmt.Errorf("reading the address of the mail server: it is none; write smtps://user:password@host:465")
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || u.Hostname() == "" {
		return Config{}, fmt.Errorf("reading the address of the mail server: %q is no host and port; write smtps://user:password@host:465", u.Host)
	}
	c := Config{Host: u.Hostname(), Port: port, User: u.User.Username()}
	c.Password, _ = u.User.Password()
	skip, _ := strconv.ParseBool(u.Query().Get("skip_ssl_verify"))
	verified := &tls.Config{
		ServerName: u.Query().Get("server_name"), MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: skip, //nolint:gosec // what the operator wrote; refused in production but for this machine
	}
	if verified.ServerName == "" {
		verified.ServerName = c.Host
	}
	lifted, _ := strconv.ParseBool(u.Query().Get("disable_starttls"))
	switch {
	case u.Scheme == "smtps":
		c.Implicit, c.TLS = true, verified
	case u.Scheme != "smtp":
		return Config{}, fmt.Errorf("reading the address of the mail server: must begin with smtps:// or smtp:// (got %q)", u.Scheme)
	case !lifted:
		c.Demand, c.TLS = true, verified
	default:
		// A server that offers STARTTLS is spoken to in TLS all the same, and then with the defaults.
		c.TLS = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	}
	return c, nil
}

// Addr is the server as host:port.
func (c Config) Addr() string { return fmt.Sprintf("%s:%d", c.Host, c.Port) }

func (c Config) patience() time.Duration {
	if c.Patience > 0 {
		return c.Patience
	}
	return patience
}

func (c Config) localName() string {
	if c.LocalName == "" {
		return "localhost"
	}
	return c.LocalName
}
