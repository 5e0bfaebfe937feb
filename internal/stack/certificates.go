package stack

import (
	"crypto/tls"
	"fmt"
	"log/slog"

	"example.com/identityd/internal/certs"
	"example.com/identityd/internal/config"
)

// certificates are the pairs of the listeners that end TLS themselves, by the listener's word. The
// public ones share a pair unless they have their own.
type certificates map[string]*certs.Reloader

func openCertificates(c config.TLS, log *slog.Logger) (certificates, error) {
	out, opened := certificates{}, map[config.KeyPair]*certs.Reloader{}
	for _, name := range []string{"gateway", "ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
		pair := c.Pair(name)
		if pair.Empty() {
			continue
		}
		if opened[pair] == nil {
			r, err := certs.Open(pair.CertFile, pair.KeyFile, log)
			if err != nil {
				return nil, fmt.Errorf("opening the certificate of listen.%s: %w", name, err)
			}
			opened[pair] = r
		}
		out[name] = opened[pair]
	}
	return out, nil
}

// of returns nil for a listener that speaks plain HTTP.
func (c certificates) of(listener string) *tls.Config {
	if r := c[listener]; r != nil {
		return r.Config()
	}
	return nil
}

// all returns each pair once.
func (c certificates) all() []*certs.Reloader {
	var out []*certs.Reloader
	seen := map[*certs.Reloader]bool{}
	for _, r := range c {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}
