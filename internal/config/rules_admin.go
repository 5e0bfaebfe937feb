package config

import (
	"crypto/x509"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Proves reports whether an admin request has to prove who sends it.
func (a Admin) Proves() bool { return a.TokenFile != "" || a.ClientCAFile != "" }

func resolveAdmin(cfg *Config) {
	cfg.Admin.TokenFile = absolute(cfg.Dir, cfg.Admin.TokenFile)
	cfg.Admin.ClientCAFile = absolute(cfg.Dir, cfg.Admin.ClientCAFile)
}

// checkAdminAddress: without proof of who asks, whoever reaches an admin listener owns every account.
func checkAdminAddress(c *collector, cfg *Config, n namedAddress) {
	if n.addr.Loopback() || cfg.Admin.Proves() {
		return
	}
	if cfg.Admin.AllowUnauthenticated {
		c.warn("admin.allow_unauthenticated", "whoever reaches %s at %q owns every account; set admin.token_file instead",
			n.path, n.addr)
		return
	}
	c.add(n.path, "must be a loopback address, a unix socket or off (got %q) unless admin.token_file or admin.client_ca_file "+
		"is set; write 127.0.0.1:%d", n.addr, n.addr.port)
}

func checkAdmin(c *collector, cfg *Config) {
	for i, host := range cfg.Admin.Hosts {
		if !validAdminHost(host) {
			c.add(fmt.Sprintf("admin.hosts[%d]", i), "must be a host name as requests name it, with or without a port (got %s); "+
				"write hydra-admin or hydra-admin:4445", quote(host))
		}
	}
	if file := cfg.Admin.TokenFile; file != "" {
		if _, err := readFile(file); err != nil {
			c.add("admin.token_file", "reading %s: %v; make a token with identityd admin token", file, err)
		} else {
			warnReadable(c, "admin.token_file", file)
		}
	}
	checkClientCA(c, cfg)
}

// checkClientCA: a certificate is shown in a TLS handshake or not at all.
func checkClientCA(c *collector, cfg *Config) {
	file := cfg.Admin.ClientCAFile
	if file == "" {
		return
	}
	raw, err := readFile(file)
	switch {
	case err != nil:
		c.add("admin.client_ca_file", "reading %s: %v", file, err)
	case !x509.NewCertPool().AppendCertsFromPEM(raw):
		c.add("admin.client_ca_file", "must hold certificates, PEM (%s holds none)", file)
	}
	for _, n := range cfg.Listen.all() {
		name := strings.TrimPrefix(n.path, "listen.")
		if n.admin && !n.addr.Off() && n.addr.Network() == "tcp" && cfg.TLS.Pair(name).Empty() {
			c.add("tls."+name, "must be set because admin.client_ca_file asks for certificates, which need TLS; "+
				"set cert_file and key_file, or %s: off", n.path)
		}
	}
}

func validAdminHost(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "1"
	}
	number, err := strconv.Atoi(port)
	return name != "" && validHost(name) && !strings.ContainsAny(name, "*/") && err == nil && number > 0 && number < 1<<16
}
