package hydra

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ory/hydra/v2/client"
)

// redirects judges where people are sent with a code: a host or a scheme of the policy, or the person's own device.
func (p *Registration) redirects(a *asked) error {
	if len(a.RedirectURIs) == 0 {
		return client.ErrInvalidRedirectURI.WithHint("Field redirect_uris must hold at least one address.")
	}
	for i, raw := range a.RedirectURIs {
		u, msg := readURI(raw)
		switch {
		case msg != "":
			return client.ErrInvalidRedirectURI.WithHintf("Field redirect_uris[%d] %s.", i, msg)
		case u.Scheme == "http" && loopback(u.Hostname()), u.Scheme == "https" && p.host(u.Hostname()), slices.Contains(p.Schemes, u.Scheme):
		default:
			return client.ErrInvalidRedirectURI.WithHintf("Field redirect_uris[%d] is none that may be registered here: "+
				"http on loopback, or https at a host or a scheme that the operator lists (dynamic_registration.hosts, dynamic_registration.schemes).", i)
		}
	}
	return nil
}

// host reports whether one may be registered.
func (p *Registration) host(name string) bool {
	name = strings.ToLower(name)
	return name != "" && slices.ContainsFunc(p.Hosts, func(one string) bool {
		below, wild := strings.CutPrefix(one, "*")
		return one == name || wild && (below == "" || strings.HasSuffix(name, below))
	})
}

// addresses judges the rest. A page or a logo of a host that is not the application's would borrow its name: it
// is left out. Addresses that this process or a browser is led to without a click are refused.
func (p *Registration) addresses(a *asked) error {
	for _, page := range []*string{&a.URI, &a.LogoURI, &a.PolicyURI, &a.TermsURI} {
		if u, err := url.Parse(*page); err == nil && (u.Scheme == "https" || u.Scheme == "http") && !p.host(u.Hostname()) {
			*page = ""
		}
	}
	for word, raw := range map[string]string{"frontchannel_logout_uri": a.FrontchannelLogoutURI, "backchannel_logout_uri": a.BackchannelLogoutURI, "jwks_uri": a.KeysURI} {
		if raw == "" {
			continue
		}
		if u, msg := readURI(raw); msg != "" || u.Scheme != "https" || !p.host(u.Hostname()) {
			return refuseRegistered("Field %s must be https at a host that the operator lists (dynamic_registration.hosts).", word)
		}
	}
	return nil
}

// origins are those of its redirect addresses, and no others: what a page of it may call is asked for by pages
// that have its codes. A client without a secret has one in a browser, or on a device; the first gets its origin.
func (p *Registration) origins(a *asked) error {
	var own []string
	for _, raw := range a.RedirectURIs {
		if u, err := url.Parse(raw); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
			if origin := u.Scheme + "://" + strings.ToLower(u.Host); !slices.Contains(own, origin) {
				own = append(own, origin)
			}
		}
	}
	for _, raw := range a.Origins {
		if !slices.Contains(own, raw) {
			return refuseRegistered("Field allowed_cors_origins may hold the origins of redirect_uris only.")
		}
	}
	if len(a.Origins) == 0 && a.AuthMethod == "none" {
		a.Origins = slices.DeleteFunc(own, func(origin string) bool { return strings.HasPrefix(origin, "http:") })
	}
	return nil
}
