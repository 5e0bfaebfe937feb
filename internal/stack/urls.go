package stack

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"example.com/identityd/internal/config"
)

// URLs are the addresses of a running stack. Those of the admin APIs and of Ops are empty when their
// listener is off or a socket.
type URLs struct {
	UI, Hydra, Kratos            string // as a browser sees them; Hydra is the issuer, verbatim
	HydraAdmin, KratosAdmin, Ops string
	CookieDomain                 string
}

// urls derives what the file left open from the bound listeners.
func urls(cfg config.URLs, secure config.TLS, bound []*listener) (URLs, error) {
	by := map[string]*listener{}
	for _, l := range bound {
		by[l.name] = l
	}
	scheme := func(listener string) string {
		if secure.Pair(listener).Empty() {
			return "http://"
		}
		return "https://"
	}
	public := func(given, name, key string) (string, error) {
		if given != "" {
			return given, nil
		}
		l := by[name]
		if l == nil || l.port() == 0 {
			return "", fmt.Errorf("%s must be set: listen.%s has no port to derive it from", key, name)
		}
		return scheme(name) + net.JoinHostPort(browserHost(l.address), strconv.Itoa(l.port())), nil
	}
	local := func(name string) string {
		l := by[name]
		if l == nil || l.port() == 0 {
			return ""
		}
		host := l.address.Host()
		if host == "" || host == "localhost" {
			host = "127.0.0.1"
		}
		return scheme(name) + net.JoinHostPort(host, strconv.Itoa(l.port()))
	}
	var u URLs
	var err error
	if u.UI, err = public(cfg.UI, "ui", "urls.ui"); err != nil {
		return URLs{}, err
	}
	if u.Hydra, err = public(cfg.Hydra, "hydra_public", "urls.hydra"); err != nil {
		return URLs{}, err
	}
	if u.Kratos, err = public(cfg.Kratos, "kratos_public", "urls.kratos"); err != nil {
		return URLs{}, err
	}
	u.UI, u.Kratos = strings.TrimRight(u.UI, "/"), strings.TrimRight(u.Kratos, "/")
	u.HydraAdmin, u.KratosAdmin, u.Ops = local("hydra_admin"), local("kratos_admin"), local("ops")
	u.CookieDomain, err = config.URLs{
		UI: u.UI, Hydra: u.Hydra, Kratos: u.Kratos, CookieDomain: cfg.CookieDomain,
	}.EffectiveCookieDomain()
	if err != nil {
		return URLs{}, fmt.Errorf("urls.cookie_domain: %w", err)
	}
	return u, nil
}

// browserHost is the host a person types. Cookies ignore ports but not host names: one name for all
// three, so never 127.0.0.1 for one and localhost for another (docs/ory-quirks.md#q27).
func browserHost(a config.Address) string {
	ip := net.ParseIP(a.Host())
	if a.Host() == "" || a.Host() == "localhost" || (ip != nil && (ip.IsLoopback() || ip.IsUnspecified())) {
		return "localhost"
	}
	return a.Host()
}
