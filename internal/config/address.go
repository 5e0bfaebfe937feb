package config

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// Address is where one listener is bound. Its zero value is all addresses on a free port.
type Address struct {
	host string
	port int
	path string
	off  bool
}

// ParseAddress reads "host:port", "unix:/path" or "off".
func ParseAddress(s string) (Address, error) {
	var a Address
	if err := a.UnmarshalText([]byte(s)); err != nil {
		return Address{}, err
	}
	return a, nil
}

// UnmarshalText reads "host:port", "unix:/path" or "off".
func (a *Address) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "off" {
		*a = Address{off: true}
		return nil
	}
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		return a.parseUnix(path)
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New(addressForm(s) + addressCure(s))
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return fmt.Errorf("%s; the port is a number from 0 to 65535", addressForm(s))
	}
	if host == "*" {
		return fmt.Errorf("%s; write :%d for all addresses", addressForm(s), n)
	}
	if !validHost(host) {
		return fmt.Errorf("%s; the host is an IP address or a host name", addressForm(s))
	}
	*a = Address{host: host, port: int(n)}
	return nil
}

func (a *Address) parseUnix(path string) error {
	// A socket address holds 104 bytes on macOS and BSD and 108 on Linux, with the final zero.
	const longest = 103
	switch {
	case path == "":
		return errors.New("must name a path after unix:; write unix:/run/identityd.sock")
	case len(path) > longest:
		return fmt.Errorf("must have a path of at most %d bytes (got %d); use a shorter one", longest, len(path))
	case strings.ContainsRune(path, 0):
		return errors.New("must have a path without a zero byte")
	}
	*a = Address{path: path}
	return nil
}

func addressForm(got string) string {
	return fmt.Sprintf("must be host:port, unix:/path or off (got %s)", quote(got))
}

func addressCure(got string) string {
	if _, err := strconv.ParseUint(got, 10, 16); err == nil {
		return "; write :" + got
	}
	if got != "" && strings.Trim(got, "0123456789") == "" {
		return "; a port is a number from 0 to 65535"
	}
	if _, rest, ok := strings.Cut(got, "://"); ok {
		return "; write it without the scheme: " + quote(strings.TrimSuffix(rest, "/"))
	}
	if ip := net.ParseIP(got); ip != nil && ip.To4() == nil {
		return fmt.Sprintf("; an IPv6 address needs brackets and a port: [%s]:3000", ip)
	}
	switch {
	case strings.EqualFold(got, "off"), strings.EqualFold(got, "false"):
		return `; write "off"`
	case strings.HasPrefix(got, "/"):
		return "; write unix:" + got
	case got != "" && validHost(got):
		return fmt.Sprintf("; the port is missing: write %s:3000", got)
	}
	return ""
}

func validHost(s string) bool {
	if s == "" || net.ParseIP(s) != nil {
		return true
	}
	return len(s) <= 253 && hostPattern.MatchString(s)
}

var hostPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`)

// Off reports whether the listener is switched off.
func (a Address) Off() bool { return a.off }

// Network returns "tcp" or "unix", as net.Listen wants it.
func (a Address) Network() string {
	if a.path != "" {
		return "unix"
	}
	return "tcp"
}

// Host returns the host of a TCP address: empty for all addresses, "localhost" for the loopback of
// both address families.
func (a Address) Host() string { return a.host }

// Port returns the port of a TCP address; 0 asks for a free one.
func (a Address) Port() int { return a.port }

// Path returns the file of a unix socket, empty for TCP.
func (a Address) Path() string { return a.path }

// Loopback reports whether only this machine can connect. A unix socket is guarded by its folder.
func (a Address) Loopback() bool {
	if a.off || a.path != "" || strings.EqualFold(a.host, "localhost") {
		return true
	}
	ip := net.ParseIP(a.host)
	return ip != nil && ip.IsLoopback()
}

// String returns the address as net.Listen wants it: "host:port", or the path of a unix socket;
// "off" when the listener is switched off.
func (a Address) String() string {
	switch {
	case a.off:
		return "off"
	case a.path != "":
		return a.path
	}
	return net.JoinHostPort(a.host, strconv.Itoa(a.port))
}

// MarshalText writes the address as stack.yaml spells it.
func (a Address) MarshalText() ([]byte, error) {
	if a.path != "" {
		return []byte("unix:" + a.path), nil
	}
	return []byte(a.String()), nil
}

// Equal reports whether both are the same address.
func (a Address) Equal(b Address) bool { return a == b }
