package stack

import (
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/systemd"
)

// given sorts the sockets of a service manager by listener. The file has to say the same as the sockets do:
// rules were judged by it, and commands read in it where this process is to be asked.
func given(cfg config.Config, list []systemd.Socket) (map[string][]net.Listener, error) {
	all := map[string]*listener{}
	for _, l := range listeners(cfg.Listen) {
		all[l.name] = l
	}
	out := map[string][]net.Listener{}
	var problems []config.Problem
	for _, s := range list {
		name := s.Name
		if name == "ui" && cfg.Listen.GatewayServesUI() {
			name = "gateway" // which took its place, and its address
		}
		l := all[name]
		if l == nil {
			problems = append(problems, config.Problem{Message: fmt.Sprintf(
				"the service manager passed a socket named %q, which is no listener; write FileDescriptorName= with one of %s into its unit",
				s.Name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))})
			continue
		}
		if wrong := l.disagrees(s.Listener); wrong != "" {
			problems = append(problems, config.Problem{Path: "listen." + s.Name, Message: wrong})
			continue
		}
		out[name] = append(out[name], s.Listener)
	}
	if len(problems) > 0 {
		return nil, &config.Problems{Source: cfg.Source, List: problems}
	}
	return out, nil
}

// disagrees says how a socket is not what the file says of the listener; empty is that it is.
func (l *listener) disagrees(ln net.Listener) string {
	at := ln.Addr()
	bound := at.String()
	if at.Network() == "unix" {
		bound = "unix:" + bound
	}
	if l.address.Off() {
		return fmt.Sprintf("must not be off, since the service manager passed a socket for it (%s); write %q here, or take the socket out of its unit",
			bound, bound)
	}
	agrees := false
	switch at := at.(type) {
	case *net.TCPAddr:
		agrees = l.address.Network() == "tcp" && (l.address.Port() == 0 || l.address.Port() == at.Port) && sameHost(l.address.Host(), at.IP)
	case *net.UnixAddr:
		agrees = l.address.Path() == at.Name
	}
	if !agrees {
		return fmt.Sprintf("must be the address of the socket that the service manager passed for it, %s (got %s); write %q here, or change ListenStream= of its unit",
			bound, strconv.Quote(written(l.address)), bound)
	}
	if at.Network() == "unix" && l.admin {
		info, err := os.Lstat(at.String())
		if err != nil {
			return fmt.Sprintf("looking at the socket that the service manager passed: %v", err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return fmt.Sprintf("must be a socket of one user, since whoever connects to it owns every account (%s has mode %04o); write SocketMode=0600 into its unit",
				bound, info.Mode().Perm())
		}
	}
	return ""
}

// sameHost compares what the file says with what is bound. A name could be anything tomorrow.
func sameHost(host string, ip net.IP) bool {
	switch host {
	case "":
		return ip.IsUnspecified()
	case "localhost":
		return ip.IsLoopback()
	}
	said := net.ParseIP(host)
	return said != nil && (said.Equal(ip) || said.IsUnspecified() && ip.IsUnspecified())
}

// written is an address as stack.yaml has it.
func written(a config.Address) string {
	text, err := a.MarshalText()
	if err != nil {
		return a.String()
	}
	return string(text)
}
