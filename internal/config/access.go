package config

import "slices"

// Admin guards the admin listeners. On loopback addresses and unix sockets they need nothing of it; beyond, they take a
// token, a certificate, or are opened by name.
//
//	admin:
//	  token_file: secrets/admin
//	  hosts: [identityd.internal]
type Admin struct {
	// TokenFile holds, hashed, the bearer tokens one of which admin requests must carry: a line each, as
	// identityd admin token prints it.
	TokenFile string `yaml:"token_file"`
	// ClientCAFile holds the authority, PEM, that signs the certificates of clients: admin listeners then take connections
	// with such a certificate only.
	ClientCAFile string `yaml:"client_ca_file"`
	// Hosts are further Host headers an admin listener answers to, beside localhost and loopback addresses; others are
	// refused, so that no web page can be made to call it.
	Hosts []string `yaml:"hosts"`
	// AllowUnauthenticated opens an admin listener beyond loopback without token_file and client_ca_file: whoever reaches
	// it owns the installation.
	AllowUnauthenticated bool `yaml:"allow_unauthenticated"`
}

// KeyPair is a certificate and its key.
type KeyPair struct {
	// CertFile holds the certificate chain, PEM.
	CertFile string `yaml:"cert_file"`
	// KeyFile holds the private key, PEM.
	KeyFile string `yaml:"key_file"`
}

// Empty reports whether neither file is named.
func (k KeyPair) Empty() bool { return k == KeyPair{} }

// TLS holds the certificate of the public listeners, and those of single ones, read anew when the files are replaced. An
// admin or ops listener speaks TLS only with a pair of its own: on a loopback address the names in a public certificate
// match nothing.
//
//	tls:
//	  cert_file: secrets/tls.crt
//	  key_file: secrets/tls.key
type TLS struct {
	// CertFile holds the certificate chain of every public listener without its own, PEM.
	CertFile string `yaml:"cert_file"`
	// KeyFile holds its private key, PEM.
	KeyFile string `yaml:"key_file"`
	// Gateway is the pair of listen.gateway.
	Gateway KeyPair `yaml:"gateway"`
	// UI is the pair of listen.ui.
	UI KeyPair `yaml:"ui"`
	// HydraPublic is the pair of listen.hydra_public.
	HydraPublic KeyPair `yaml:"hydra_public"`
	// HydraAdmin is the pair of listen.hydra_admin.
	HydraAdmin KeyPair `yaml:"hydra_admin"`
	// KratosPublic is the pair of listen.kratos_public.
	KratosPublic KeyPair `yaml:"kratos_public"`
	// KratosAdmin is the pair of listen.kratos_admin.
	KratosAdmin KeyPair `yaml:"kratos_admin"`
	// Ops is the pair of listen.ops.
	Ops KeyPair `yaml:"ops"`
	// Console is the pair of listen.console.
	Console KeyPair `yaml:"console"`
}

// CORS lists browser origins beyond those of the clients.
type CORS struct {
	// Origins are the further origins whose pages may call the public endpoints, such as https://www.example.com.
	Origins []string `yaml:"origins"`
}

// CORSOrigins returns the origins whose pages may call the public endpoints: those of cors.origins
// and of every client, sorted, each once.
func (c Config) CORSOrigins() []string {
	all := slices.Clone(c.CORS.Origins)
	for _, client := range c.Clients {
		all = append(all, client.Origins...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
