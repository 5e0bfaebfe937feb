package adminguard

import (
	"net"
	"strings"
)

// hosts are the names that requests may ask for.
type hosts map[string]bool

func newHosts(named []string) hosts {
	h := hosts{}
	for _, each := range named {
		h[strings.ToLower(each)] = true
	}
	return h
}

// admit reports whether a Host header names this machine as such, or a name that was allowed. A name
// that a foreign resolver points to a loopback address is neither.
func (h hosts) admit(host string) bool {
	host = strings.ToLower(host)
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), ""
	}
	name = strings.TrimSuffix(name, ".")
	if ip := net.ParseIP(name); name == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	return name != "" && (h[name] || port != "" && h[net.JoinHostPort(name, port)])
}
