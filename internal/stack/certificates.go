package stack

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

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

// every sets how often the files are looked at, where that is not as it comes.
func (c certificates) every(d time.Duration) {
	for _, r := range c {
		r.Interval = d
	}
}

// watchCertificates adds until when the certificates that are served are good.
func (m *metrics) watchCertificates(c certificates) {
	left := prometheus.NewDesc("identityd_tls_certificate_expiry_seconds",
		"Seconds until the certificate that is served expires; below 0 it has. By its file.", []string{"cert_file"}, nil)
	age := prometheus.NewDesc("identityd_tls_certificate_age_seconds",
		"Seconds since the certificate that is served became good. By its file.", []string{"cert_file"}, nil)
	failing := prometheus.NewDesc("identityd_tls_certificate_reload_failed",
		"1 while the files hold what cannot be served, so that the old certificate is; else 0.", []string{"cert_file"}, nil)
	m.registry.MustRegister(collector(func(out chan<- prometheus.Metric) {
		seen := map[string]bool{}
		for _, r := range c.all() {
			if seen[r.File()] {
				continue // one certificate with two keys, of which one cannot be
			}
			seen[r.File()] = true
			broken := 0.0
			if r.Failing() {
				broken = 1
			}
			out <- prometheus.MustNewConstMetric(left, prometheus.GaugeValue, time.Until(r.NotAfter()).Seconds(), r.File())
			out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, time.Since(r.NotBefore()).Seconds(), r.File())
			out <- prometheus.MustNewConstMetric(failing, prometheus.GaugeValue, broken, r.File())
		}
	}))
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
