package config

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"strings"
	"time"
)

func resolveTLS(cfg *Config) {
	t := &cfg.TLS
	t.CertFile, t.KeyFile = absolute(cfg.Dir, t.CertFile), absolute(cfg.Dir, t.KeyFile)
	for _, own := range t.own() {
		own.pair.CertFile, own.pair.KeyFile = absolute(cfg.Dir, own.pair.CertFile), absolute(cfg.Dir, own.pair.KeyFile)
	}
	if cfg.Listen.GatewayServesUI() && t.Gateway.Empty() {
		t.Gateway = t.UI
	}
}

func checkTLS(c *collector, cfg *Config) {
	checkPair(c, "tls", KeyPair{CertFile: cfg.TLS.CertFile, KeyFile: cfg.TLS.KeyFile})
	for _, own := range cfg.TLS.own() {
		if own.listener == "gateway" && cfg.Listen.GatewayServesUI() && cfg.TLS.Gateway == cfg.TLS.UI {
			continue // one listener, judged as tls.ui
		}
		checkPair(c, "tls."+own.listener, *own.pair)
	}
	if cfg.Listen.GatewayServesUI() && !cfg.TLS.UI.Empty() && cfg.TLS.UI != cfg.TLS.Gateway {
		c.add("tls.ui", "must be left out: listen.ui is served by listen.gateway, whose certificate is in tls.gateway")
	}
	if strings.HasPrefix(cfg.Origin, "http://") && !cfg.Listen.Gateway.Off() && !cfg.TLS.Pair("gateway").Empty() {
		c.add("origin", "must be https because listen.gateway has a certificate (got %s)", quote(cfg.Origin))
	}
	for _, public := range []struct{ listener, url string }{
		{"ui", cfg.URLs.UI}, {"hydra_public", cfg.URLs.Hydra}, {"kratos_public", cfg.URLs.Kratos},
	} {
		u, err := url.Parse(public.url)
		if err != nil || u.Scheme != "http" || cfg.TLS.Pair(public.listener).Empty() {
			continue
		}
		// A proxy that adds http in front of TLS would lose the Secure cookies.
		word := map[string]string{"ui": "ui", "hydra_public": "hydra", "kratos_public": "kratos"}[public.listener]
		c.add("urls."+word, "must be https because listen.%s has a certificate (got %s)", public.listener, quote(public.url))
	}
}

func checkPair(c *collector, path string, pair KeyPair) {
	switch {
	case pair.Empty():
		return
	case pair.CertFile == "":
		c.add(path+".cert_file", "must be set beside %s.key_file; name the certificate chain, PEM", path)
		return
	case pair.KeyFile == "":
		c.add(path+".key_file", "must be set beside %s.cert_file; name its private key, PEM", path)
		return
	}
	chain, errCert := readFile(pair.CertFile)
	if errCert != nil {
		c.add(path+".cert_file", "reading %s: %v", pair.CertFile, errCert)
	}
	key, readable := readSecretFile(c, path+".key_file", pair.KeyFile)
	if errCert != nil || !readable {
		return
	}
	parsed, err := tls.X509KeyPair(chain, []byte(key))
	if err != nil {
		c.add(path, "must be a certificate and its own private key, both PEM (%s and %s): %v", pair.CertFile, pair.KeyFile, err)
		return
	}
	warnValidity(c, path+".cert_file", pair.CertFile, parsed.Leaf)
}

// warnValidity only warns: the file may be replaced while the process runs.
func warnValidity(c *collector, path, file string, leaf *x509.Certificate) {
	now := time.Now()
	switch {
	case leaf == nil:
	case now.After(leaf.NotAfter):
		c.warn(path, "%s expired on %s; renew it", file, leaf.NotAfter.Format(time.DateOnly))
	case now.Before(leaf.NotBefore):
		c.warn(path, "%s is not valid before %s; check the clock", file, leaf.NotBefore.Format(time.DateOnly))
	}
}
