package eject

import (
	"net/url"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sqlseam"
)

const (
	ownPages  = "the pages are those of Ory's reference application"
	ownListen = "identityd binds the listeners itself"
	apart     = "the engines find each other over the network"
)

func (d *draft) hydra() {
	d.set(hydra, "dsn", plainDSN(d.text(hydra, "dsn")), "without what only identityd's driver reads")
	d.listen(hydra, "public", d.at.hydraPublic, "hydra_public")
	d.listen(hydra, "admin", d.at.hydraAdmin, "hydra_admin")
	d.set(hydra, "urls.self.admin", d.at.hydraAdmin.url(), apart)
	for key, path := range map[string]string{
		"login": "/login", "registration": "/registration", "consent": "/consent", "logout": "/logout", "error": "/error", "post_logout_redirect": "/login",
	} {
		d.set(hydra, "urls."+key, d.at.pagesAt+path, ownPages)
	}
	// Hydra ends Kratos' session with its own through this (hydra: internal/kratos).
	if !d.at.kratosAdmin.socket() {
		d.set(hydra, "urls.identity_provider.url", d.at.kratosAdmin.url(), apart)
	}
	d.set(hydra, "urls.identity_provider.publicUrl", d.at.self, apart)
}

// listen names the listener of an engine, and its certificate.
func (d *draft) listen(engine, which string, at place, name string) {
	key := "serve." + which + "."
	host := at.host
	d.set(engine, key+"host", host, ownListen)
	if !at.socket() {
		d.set(engine, key+"port", at.port, ownListen)
	}
	pair := d.in.Config.TLS.Pair(name)
	if d.in.Config.OneOrigin() && which == "public" {
		pair = config.KeyPair{} // the proxy in front has it
	}
	if pair.Empty() {
		return
	}
	if engine == hydra {
		d.set(engine, key+"tls.enabled", true, ownListen)
	}
	d.set(engine, key+"tls.cert.path", pair.CertFile, ownListen)
	d.set(engine, key+"tls.key.path", pair.KeyFile, ownListen)
}

// plainDSN leaves out what a plain engine would hand to the server, which refuses it.
func plainDSN(raw string) string {
	base, query, found := strings.Cut(raw, "?")
	if !found || strings.HasPrefix(raw, "sqlite://") {
		return raw
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return raw
	}
	values.Del(sqlseam.LifetimeParameter)
	if strings.HasPrefix(values.Get("application_name"), "identityd/") {
		values.Del("application_name")
	}
	return base + "?" + values.Encode()
}
