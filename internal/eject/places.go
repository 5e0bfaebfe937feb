package eject

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"example.com/identityd/internal/config"
)

// place is where something listens.
type place struct {
	// host may be empty, for all addresses, or unix:/path, with no port.
	host string
	port int
}

// url is where programs of this machine find it.
func (p place) url() string {
	host := p.host
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(p.port))
}

func (p place) socket() bool { return strings.HasPrefix(p.host, "unix:") }

// places are the listeners of the set-up.
type places struct {
	hydraPublic, hydraAdmin, kratosPublic, kratosAdmin, pages place
	// front is where one address for everything is split by paths; its port is 0 where there are three.
	front place
	// pagesAt, issuer and self are the addresses that browsers see.
	pagesAt, issuer, self string
}

// placesOf keeps each listener where identityd has it, so that nothing in front of it has to change. Behind one
// address the engines move to this machine alone, and a proxy takes the address.
func placesOf(in Input) places {
	l, taken := in.Config.Listen, map[int]bool{}
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	p := places{
		issuer: text(in.Hydra, "urls.self.issuer"), self: text(in.Kratos, "serve.public.base_url"),
		pagesAt: originOf(text(in.Hydra, "urls.login")),
	}
	given := func(a config.Address, port int) place {
		switch {
		case a.Network() == "unix":
			return place{host: "unix:" + a.Path()}
		case a.Off() || a.Port() == 0:
			return free("127.0.0.1", port, taken)
		}
		taken[a.Port()] = true
		return place{host: a.Host(), port: a.Port()}
	}
	own := func(port int) place { return free("127.0.0.1", port, taken) }
	one := in.Config.OneOrigin()
	if one {
		p.front = given(l.Gateway, 3000)
	}
	p.hydraAdmin, p.kratosAdmin = given(l.HydraAdmin, 4445), given(l.KratosAdmin, 4434)
	if one {
		p.hydraPublic, p.kratosPublic, p.pages = own(4444), own(4433), own(4455)
		p.pages.host = "" // its server knows no host
		return p
	}
	p.hydraPublic, p.kratosPublic, p.pages = given(l.HydraPublic, 4444), given(l.KratosPublic, 4433), given(l.UI, 3000)
	return p
}

// free counts up to a port that nothing of the set-up has.
func free(host string, port int, taken map[int]bool) place {
	for taken[port] {
		port++
	}
	taken[port] = true
	return place{host, port}
}

func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Scheme + "://" + u.Host
}
