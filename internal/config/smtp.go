package config

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
)

// SMTPURL is the address of a mail server. It prints without user and password, since with some
// services both are the same token; Reveal has all of it.
type SMTPURL struct{ secret Secret }

// NewSMTPURL wraps the text of an address.
func NewSMTPURL(s string) SMTPURL { return SMTPURL{secret: NewSecret(s)} }

// Reveal returns the address with user and password, and with a port once it was loaded.
func (u SMTPURL) Reveal() string { return u.secret.Reveal() }

// Empty reports whether nothing was set.
func (u SMTPURL) Empty() bool { return u.secret.Empty() }

// Equal reports whether both hold the same address.
func (u SMTPURL) Equal(o SMTPURL) bool { return u.secret.Equal(o.secret) }

// UnmarshalText takes the address as it is; the rules judge it, where they can name a cure.
func (u *SMTPURL) UnmarshalText(text []byte) error {
	*u = NewSMTPURL(strings.TrimSpace(string(text)))
	return nil
}

// String returns scheme and host.
func (u SMTPURL) String() string {
	if u.Empty() {
		return ""
	}
	p := splitDSN(u.Reveal())
	if p.scheme != "smtp" && p.scheme != "smtps" {
		return redacted
	}
	if p.problem != "" {
		return p.scheme + "://" + redacted
	}
	who := ""
	if p.user != "" || p.hasPassword {
		who = redacted + "@"
	}
	return p.scheme + "://" + who + p.hosts
}

// GoString keeps user and password out of %#v.
func (u SMTPURL) GoString() string { return u.String() }

// Format keeps user and password out of every verb.
func (u SMTPURL) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) } //nolint:errcheck // fmt has no use for it

// MarshalText keeps user and password out of JSON and YAML.
func (u SMTPURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue keeps user and password out of logs.
func (u SMTPURL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// withPort writes the port the scheme stands for: Kratos dials port 0 when there is none.
func (u SMTPURL) withPort() SMTPURL {
	ports := map[string]string{"smtp": "587", "smtps": "465"}
	p := splitDSN(u.Reveal())
	port, known := ports[p.scheme]
	if !known || p.problem != "" || p.hosts == "" || strings.Contains(p.hosts, ",") {
		return u
	}
	if _, written, err := net.SplitHostPort(p.hosts); err == nil && written != "" {
		return u
	}
	bare := strings.TrimSuffix(p.hosts, ":")
	scheme, rest, _ := strings.Cut(u.Reveal(), "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority := strings.TrimSuffix(rest[:end], p.hosts) + bare + ":" + port
	return NewSMTPURL(scheme + "://" + authority + rest[end:])
}
