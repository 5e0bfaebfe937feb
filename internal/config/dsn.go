package config

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// DSN is the address of a database. It prints without its password; Reveal has all of it.
type DSN struct{ secret Secret }

// NewDSN wraps the text of a database address.
func NewDSN(s string) DSN { return DSN{secret: NewSecret(s)} }

// Reveal returns the address with its password.
func (d DSN) Reveal() string { return d.secret.Reveal() }

// Empty reports whether nothing was set.
func (d DSN) Empty() bool { return d.secret.Empty() }

// Equal reports whether both hold the same address.
func (d DSN) Equal(o DSN) bool { return d.secret.Equal(o.secret) }

// UnmarshalText takes the address as it is; the rules judge it, where they can name a cure.
func (d *DSN) UnmarshalText(text []byte) error {
	*d = NewDSN(string(text))
	return nil
}

// Dialect returns the kind of database the scheme names, empty for an unknown one.
func (d DSN) Dialect() Dialect {
	scheme, _, _ := strings.Cut(d.Reveal(), "://")
	switch scheme {
	case "sqlite":
		return SQLite
	case "postgres", "postgresql":
		return Postgres
	case "cockroach", "cockroachdb":
		return Cockroach
	}
	return ""
}

// Memory reports whether this is SQLite without a file.
func (d DSN) Memory() bool { return d.Dialect() == SQLite && d.Folder() == ":memory:" }

// Folder returns where SQLite keeps its files, ":memory:" for none.
func (d DSN) Folder() string {
	_, folder, _ := strings.Cut(d.Reveal(), "://")
	return folder
}

// String returns the address for people: scheme, user and host. What follows the host is cut, since
// query parameters may carry passwords too.
func (d DSN) String() string {
	if d.Empty() {
		return ""
	}
	switch d.Dialect() {
	case SQLite:
		return d.Reveal()
	case "":
		return redacted
	}
	parts := splitDSN(d.Reveal())
	if parts.problem != "" {
		return parts.scheme + "://" + redacted
	}
	user := parts.user
	if parts.hasPassword {
		user += ":" + redacted
	}
	if user != "" {
		user += "@"
	}
	return parts.scheme + "://" + user + parts.hosts + parts.path
}

// GoString keeps the password out of %#v.
func (d DSN) GoString() string { return d.String() }

// Format keeps the password out of every verb.
func (d DSN) Format(f fmt.State, _ rune) { io.WriteString(f, d.String()) } //nolint:errcheck // fmt has no use for it

// MarshalText keeps the password out of JSON and YAML.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// LogValue keeps the password out of logs.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }
