package config

import (
	"fmt"
	"net/url"
	"strings"
)

// checkClientKind judges what goes with a kind. What a kind does not care for is judged as for any client.
func checkClientKind(c *collector, path string, client *Client) {
	kind := client.Kind
	if kind.public() && (!client.Secret.Empty() || client.SecretFile != "") {
		c.add(path+".secret", "must not be set for kind: %s, which everybody who has the application could read; remove it, or write kind: web", kind)
	}
	for i, raw := range client.RedirectURIs {
		u, err := url.Parse(raw)
		if err != nil || redirectProblem(raw) != "" {
			continue // said already
		}
		at := fmt.Sprintf("%s.redirect_uris[%d]", path, i)
		web := u.Scheme == "https" || u.Scheme == "http"
		switch {
		case kind == ClientMachine:
			c.add(at, "must not be set for kind: machine, where nobody signs in (got %s); write kind: web", quote(raw))
		case (kind == ClientWeb || kind == ClientSPA) && !web:
			c.add(at, "must be https, or http on localhost, for kind: %s (got %s); a scheme of its own belongs to kind: native", kind, quote(raw))
		case kind == ClientNative && !web && !strings.Contains(u.Scheme, "."):
			c.add(at, "must have a scheme that nobody else takes: a domain of yours backwards, as in com.example.app:/callback (got %s; RFC 8252 section 7.1)", quote(raw))
		}
	}
}
