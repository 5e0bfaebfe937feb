package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// OneOrigin reports whether the pages and both engines are under one address: origin, or in
// development that of the gateway.
func (c Config) OneOrigin() bool { return c.Origin != "" || !c.Listen.Gateway.Off() }

// GatewayServesUI reports whether the gateway is the listener of the pages too, so that there is no
// other.
func (l Listen) GatewayServesUI() bool { return !l.Gateway.Off() && l.Gateway.Equal(l.UI) }

// resolveGateway gives the gateway the address of the pages where one origin is meant and nothing else
// was said. It runs before hosts are filled in.
func resolveGateway(cfg *Config) {
	wanted := cfg.Origin != "" || cfg.Profile == Development && !cfg.URLs.any()
	if cfg.Origins[gatewayWord] == "default" && wanted {
		cfg.Listen.Gateway = cfg.Listen.UI
	}
}

// selfService is where a browser finds Kratos, as far as that is known before anything is bound.
func (c Config) selfService() string {
	listener, at := "kratos_public", c.Listen.KratosPublic
	switch {
	case c.Origin != "":
		return c.Origin
	case c.URLs.Kratos != "":
		return c.URLs.Kratos
	case c.OneOrigin():
		listener, at = "gateway", c.Listen.Gateway
	}
	scheme := "http://"
	if !c.TLS.Pair(listener).Empty() {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort("localhost", strconv.Itoa(at.Port()))
}

const gatewayWord = "listen.gateway"

// any reports whether an address of one of the three is written.
func (u URLs) any() bool { return u.UI != "" || u.Hydra != "" || u.Kratos != "" }

// written names the words that are set.
func (u URLs) written() string {
	var words []string
	for _, one := range []struct{ path, value string }{
		{"urls.ui", u.UI}, {"urls.hydra", u.Hydra}, {"urls.kratos", u.Kratos}, {"urls.cookie_domain", u.CookieDomain},
	} {
		if one.value != "" {
			words = append(words, one.path)
		}
	}
	return strings.Join(words, ", ")
}

// checkOrigin judges origin and what cannot be said beside it. It reports whether urls.* still have to
// be judged, because three addresses are meant.
func checkOrigin(c *collector, cfg *Config) bool {
	written, gateway := cfg.URLs.written(), cfg.Listen.Gateway
	switch {
	case cfg.Origin == "" && gateway.Off() && cfg.Profile == Production && written == "":
		c.add("origin", "must be set in production; write the https:// address that browsers use "+
			"(or urls.ui, urls.hydra and urls.kratos for three)")
		return false
	case cfg.Origin == "" && gateway.Off():
		return true
	case cfg.Origin == "" && cfg.URLs.any():
		c.add(gatewayWord, `serves everything under one address, which %s cannot share; write origin in place of `+
			`urls, or %s: "off"`, written, gatewayWord)
		return false
	case cfg.Origin == "" && cfg.Profile == Production:
		c.add("origin", "must be set in production; write the https:// address under which browsers reach listen.gateway")
		return false
	case cfg.Origin == "" && gateway.Network() == "unix":
		c.add("origin", "must be set because %s has no port to derive it from", socketWord(cfg))
		return false
	case cfg.Origin == "":
		if cfg.URLs.CookieDomain != "" {
			c.add("urls.cookie_domain", "must be left out: everything is on the one host of the gateway, and its cookies stay there")
		}
		return false
	}
	if cfg.URLs.any() {
		c.add("origin", "cannot stand beside %s: it is the address of the pages, of OAuth2 and of self-service at once; "+
			"write origin alone, or urls.ui, urls.hydra and urls.kratos for three", written)
		return false
	}
	if gateway.Off() && cfg.Origins[gatewayWord] == "default" {
		c.add(gatewayWord, `must be set because listen.ui, whose place it takes, is off; write an address such as :3000, `+
			`or "off" when a proxy sends the paths to three listeners`)
	}
	msg := originWordProblem(cfg.Origin, cfg.Profile)
	if msg != "" {
		c.add("origin", "%s", msg)
	}
	if cfg.URLs.CookieDomain != "" {
		// For applications of other hosts behind forward-auth.
		checkCookieDomain(c, URLs{UI: cfg.Origin, CookieDomain: cfg.URLs.CookieDomain}, msg == "")
	}
	return false
}

// socketWord is the word that says where the gateway is.
func socketWord(cfg *Config) string {
	if cfg.Origins[gatewayWord] == "default" {
		return "listen.ui"
	}
	return gatewayWord
}

// originWordProblem returns what is wrong with origin. A slash at the end is allowed, because the issuer
// is origin to the letter and some installations have such an issuer already.
func originWordProblem(raw string, p Profile) string {
	if msg := urlProblem(raw, p); msg != "" {
		return msg
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "cannot be read"
	}
	if u.Path != "" && u.Path != "/" {
		return "must not have a path (got " + quote(u.Path) + "); a host name of its own is what keeps its cookies apart"
	}
	sent := strings.TrimSuffix(strings.ToLower(u.Scheme+"://"+u.Host), ":")
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		sent = strings.TrimSuffix(sent, ":"+port)
	}
	if strings.TrimSuffix(raw, "/") != sent {
		return "must be as browsers write it (got " + quote(raw) + "); write " + sent
	}
	return ""
}
