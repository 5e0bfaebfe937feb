package stack

import (
	"net/http"
	"strings"

	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/middleware"
)

// clientsBehind translates the proxy words. It is pure.
func clientsBehind(p config.Proxy) *clientaddr.Clients {
	networks, sockets := p.Networks()
	return clientaddr.New(clientaddr.Config{Trusted: networks, Sockets: sockets, Header: p.ClientIPHeader})
}

// identified finds out who is at the other end, in front of everything that keeps, counts or logs it.
func (s *Stack) identified(listener string) middleware.Middleware {
	if s.opts.BelievedHeaders {
		return func(next http.Handler) http.Handler { return next }
	}
	return s.clients.Middleware(s.publicScheme(listener))
}

// publicScheme is what a browser writes in front of the host of a listener, whatever ends TLS there;
// empty for those that no browser knows.
func (s *Stack) publicScheme(listener string) string {
	public := map[string]string{
		"gateway": s.urls.UI, "ui": s.urls.UI, "hydra_public": s.urls.Hydra, "kratos_public": s.urls.Kratos,
	}[listener]
	scheme, _, found := strings.Cut(public, "://")
	if !found {
		return ""
	}
	return scheme
}

// secure reports whether browsers reach a listener by https.
func (s *Stack) secure(listener string) bool {
	if scheme := s.publicScheme(listener); scheme != "" {
		return scheme == "https"
	}
	return s.certs.of(listener) != nil
}
