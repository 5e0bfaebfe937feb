package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

func checkClientURIs(c *collector, path string, client *Client) {
	if len(client.RedirectURIs) == 0 && (client.has("authorization_code") || client.has("implicit")) {
		c.add(path+".redirect_uris", "must hold at least one address to return to after a sign-in")
	}
	for i, raw := range client.RedirectURIs {
		if msg := redirectProblem(raw); msg != "" {
			c.add(fmt.Sprintf("%s.redirect_uris[%d]", path, i), "%s", msg)
		}
	}
	for i, raw := range client.PostLogoutRedirectURIs {
		here := fmt.Sprintf("%s.post_logout_redirect_uris[%d]", path, i)
		if msg := redirectProblem(raw); msg != "" {
			c.add(here, "%s", msg)
			continue
		}
		// Hydra's own rule; it would refuse the client at start.
		if !slices.ContainsFunc(client.RedirectURIs, func(r string) bool { return sameOrigin(r, raw) }) {
			c.add(here, "must have scheme, host and port of one of redirect_uris (got %s)", quote(raw))
		}
	}
	checkClientLogout(c, path, client)
	for _, page := range []struct{ word, raw string }{
		{"logo_uri", client.LogoURI},
		{"client_uri", client.ClientURI},
		{"policy_uri", client.PolicyURI},
		{"tos_uri", client.TOSURI},
	} {
		if msg := pageProblem(page.raw); msg != "" {
			c.add(path+"."+page.word, "%s", msg)
		}
	}
}

// checkClientLogout checks where a client is told of a sign-out. A browser opens the first in a frame of
// ours, so that it has to be the client's own (OpenID Connect Front-Channel Logout 1.0 section 2).
func checkClientLogout(c *collector, path string, client *Client) {
	if raw := client.FrontchannelLogoutURI; raw != "" {
		here := path + ".frontchannel_logout_uri"
		switch msg := redirectProblem(raw); {
		case msg != "":
			c.add(here, "%s", msg)
		case !slices.ContainsFunc(client.RedirectURIs, func(r string) bool { return sameOrigin(r, raw) }):
			c.add(here, "must have scheme, host and port of one of redirect_uris (got %s)", quote(raw))
		}
	}
	if raw := client.BackchannelLogoutURI; raw != "" {
		u, err := url.ParseRequestURI(raw)
		here := path + ".backchannel_logout_uri"
		switch {
		case u != nil && u.User != nil, err != nil && strings.Contains(raw, "@"):
			c.add(here, "must not hold a user or password")
		case err == nil && hostForm(raw, u) != "":
			c.add(here, "%s", hostForm(raw, u))
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || !validHost(u.Hostname()) || strings.Contains(raw, "#"):
			c.add(here, "must be an address that can be posted to (got %s); write https://app.example.com/backchannel-logout", quote(raw))
		}
	}
}

// redirectProblem returns what is wrong with an address that a code is sent to, empty for nothing.
func redirectProblem(raw string) string {
	u, err := url.ParseRequestURI(raw)
	switch {
	case u != nil && u.User != nil, err != nil && strings.Contains(raw, "@"):
		return "must not hold a user or password"
	case strings.Contains(raw, "*"):
		return fmt.Sprintf("must not hold a wildcard (got %s); list each address", quote(raw))
	case strings.Contains(raw, "#"):
		return fmt.Sprintf("must not have a fragment (got %s); cut it at the #", quote(raw))
	case err != nil || u.Scheme == "" || u.Opaque != "":
		return fmt.Sprintf("must be a whole address (got %s); write https://app.example.com/callback", quote(raw))
	case strings.Contains(raw, `\`), u.Scheme == "https" || u.Scheme == "http":
		if msg := hostForm(raw, u); msg != "" {
			return msg
		}
		if u.Hostname() == "" || !validHost(u.Hostname()) {
			return fmt.Sprintf("must name a host (got %s)", quote(raw))
		}
		if u.Scheme == "http" && !localHost(u.Hostname()) {
			return fmt.Sprintf("must be https (got %s); only localhost may be http", quote(raw))
		}
	// A browser would run or read these instead of handing the code to an application.
	case slices.Contains([]string{"javascript", "data", "vbscript", "file", "blob", "about", "ws", "wss", "ftp"}, u.Scheme):
		return fmt.Sprintf("must be https, http on localhost or a scheme of the application's own (got %s)", quote(raw))
	}
	return ""
}

func sameOrigin(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Scheme == ub.Scheme && ua.Hostname() == ub.Hostname() && ua.Port() == ub.Port()
}

// pageProblem judges an address that is linked on the consent page.
func pageProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return ""
	case u != nil && u.User != nil, err != nil && strings.Contains(raw, "@"):
		return "must not hold a user or password"
	case err == nil && hostForm(raw, u) != "":
		return hostForm(raw, u)
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || !validHost(u.Hostname()):
		return fmt.Sprintf("must begin with https:// and name a host (got %s)", quote(raw))
	}
	return ""
}
