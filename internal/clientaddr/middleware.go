package clientaddr

import (
	"maps"
	"net"
	"net/http"
	"strings"
)

// Headers in which the engines look for an address, in Kratos' order of trust (ory/x:
// httpx/client_info.go, docs/ory-quirks.md#q76). The first also goes to web hooks.
const (
	trueClientIP = "True-Client-Ip"
	realIP       = "X-Real-Ip"
	cloudflareIP = "Cf-Connecting-Ip"
)

// Middleware puts the address of the client into the context of each request and into RemoteAddr, and
// leaves no header in which a client could have written something else: those for the address are
// written anew, those for the scheme and the host say what is configured, or go. It stands in front of
// everything else. scheme is the public one of what is behind it, which Kratos writes into the addresses
// that it keeps (docs/ory-quirks.md#q81); empty leaves it to the connection.
func (c *Clients) Middleware(scheme string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, c.rewrite(r, scheme))
		})
	}
}

func (c *Clients) rewrite(r *http.Request, scheme string) *http.Request {
	addr := c.Of(r.RemoteAddr, r.Header)
	// Handlers must not change a request they were given.
	out := r.WithContext(With(r.Context(), addr))
	out.Header = maps.Clone(r.Header)
	// Where somebody is, is Cloudflare's to say, and only where it is what stands in front.
	located := c.header == cloudflareIP && c.Trusts(r.RemoteAddr)
	for name := range out.Header {
		if located && isLocation(name) {
			continue
		}
		if c.rewritten(name) {
			delete(out.Header, name)
		}
	}
	// The values of all headers in one piece of memory, each without room to grow into the next.
	values := [4]string{scheme}
	if scheme != "" {
		out.Header["X-Forwarded-Proto"] = values[:1:1]
	}
	if !addr.IsValid() {
		return out
	}
	text := addr.String()
	for i, name := range [...]string{trueClientIP, realIP, ForwardedFor} {
		values[i+1] = text
		out.Header[name] = values[i+1 : i+2 : i+2]
	}
	out.RemoteAddr = net.JoinHostPort(text, "0")
	return out
}

// rewritten reports whether a header says something of the connection that only a proxy could know.
func (c *Clients) rewritten(name string) bool {
	switch name {
	case c.header, "Forwarded", trueClientIP, realIP, cloudflareIP:
		return true
	}
	// Whatever Cloudflare may call what it knows, in whatever version of it and of the engines.
	return strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "Cf-")
}

// isLocation reports whether a header is one of those in which Kratos looks for a place (kratos:
// session/session.go).
func isLocation(name string) bool {
	switch name {
	case "Cf-Ipcity", "Cf-Ipcountry", "Cf-Region-Code":
		return true
	}
	return false
}
