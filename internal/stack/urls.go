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
	// SessionDomain is that of the session's cookie, which applications behind forward-auth are asked with;
	// CookieDomain that of all others, which the three addresses have to share and nobody else has to see.
	SessionDomain, CookieDomain string
	// HostCookies says that cookies can stay on the one https origin, by their names (__Host-): that of the session
	// only without a SessionDomain.
	HostCookies bool
}

// urls derives what the file left open from the bound listeners.
func urls(cfg config.Config, bound []*listener) (URLs, error) {
	by := map[string]*listener{}
	for _, l := range bound {
		by[l.name] = l
	}
	scheme := func(listener string) string {
		if cfg.TLS.Pair(listener).Empty() {
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
	for _, one := range []struct {
		to               *string
		given, name, key string
	}{
		{&u.UI, cfg.URLs.UI, "ui", "urls.ui"},
		{&u.Hydra, cfg.URLs.Hydra, "hydra_public", "urls.hydra"},
		{&u.Kratos, cfg.URLs.Kratos, "kratos_public", "urls.kratos"},
	} {
		if cfg.OneOrigin() {
			one.given, one.name, one.key = cfg.Origin, "gateway", "origin"
		}
		var err error
		if *one.to, err = public(one.given, one.name, one.key); err != nil {
			return URLs{}, err
		}
	}
	// The issuer alone is kept to the letter.
	u.UI, u.Kratos = strings.TrimRight(u.UI, "/"), strings.TrimRight(u.Kratos, "/")
	u.HydraAdmin, u.KratosAdmin, u.Ops = local("hydra_admin"), local("kratos_admin"), local("ops")
	if err := u.scopeCookies(cfg); err != nil {
		return URLs{}, err
	}
	return u, nil
}

// scopeCookies says how far cookies reach, once the addresses of browsers are known.
func (u *URLs) scopeCookies(cfg config.Config) (err error) {
	u.HostCookies = cfg.OneOrigin() && strings.HasPrefix(u.UI, "https://")
	u.SessionDomain, err = config.URLs{
		UI: u.UI, Hydra: u.Hydra, Kratos: u.Kratos, CookieDomain: cfg.URLs.CookieDomain,
	}.EffectiveCookieDomain()
	if err != nil {
		return fmt.Errorf("urls.cookie_domain: %w", err)
	}
	if !cfg.OneOrigin() {
		u.CookieDomain = u.SessionDomain
	}
	return nil
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
