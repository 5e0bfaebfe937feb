package config

// Listen says where each listener is bound: host:port, unix: and a path, or "off", which switches it off. Port 0 takes a
// free one. "off" is in quotes, since much that reads YAML takes a bare off for false.
//
//	listen:
//	  host: 10.0.0.5
//	  ui: :8443
//	  hydra_public: "off"
//	  kratos_public: "off"
//	  hydra_admin: unix:/run/identityd/hydra.sock
type Listen struct {
	// Host is the host of the public listeners that name none. Empty: all addresses in production, loopback in development.
	Host string `yaml:"host"`
	// Gateway serves the pages, Kratos public and Hydra public on one address, by path. With origin, and in development
	// without urls, it takes the address of listen.ui, unless gateway is written itself or listen.ui is off.
	Gateway Address `yaml:"gateway"`
	// UI serves the pages that people see.
	UI Address `yaml:"ui"`
	// HydraPublic serves OAuth2 and OpenID Connect to applications.
	HydraPublic Address `yaml:"hydra_public"`
	// HydraAdmin serves Hydra's admin API, which has no authentication of its own: keep it on loopback, or set
	// admin.token_file.
	HydraAdmin Address `yaml:"hydra_admin"`
	// KratosPublic serves the flows of self-service: sign-in, sign-up, recovery, verification, settings.
	KratosPublic Address `yaml:"kratos_public"`
	// KratosAdmin serves Kratos' admin API, which has no authentication of its own: keep it on loopback, or set
	// admin.token_file.
	KratosAdmin Address `yaml:"kratos_admin"`
	// Ops serves metrics, health and build info, nothing secret. It stays when the admin listeners are off.
	Ops Address `yaml:"ops"`
	// Console serves the admin console.
	Console Address `yaml:"console"`
}

func defaultListen() Listen {
	return Listen{
		Gateway:      Address{off: true},
		UI:           Address{port: 3000},
		HydraPublic:  Address{port: 4444},
		HydraAdmin:   Address{host: "127.0.0.1", port: 4445},
		KratosPublic: Address{port: 4433},
		KratosAdmin:  Address{host: "127.0.0.1", port: 4434},
		Ops:          Address{host: "127.0.0.1", port: 4437},
		Console:      Address{off: true},
	}
}

// namedAddress pairs a listener with the path it is written at.
type namedAddress struct {
	path  string
	addr  *Address
	admin bool
	// public listeners take listen.host when they name no host.
	public bool
}

func (l *Listen) all() []namedAddress {
	return []namedAddress{
		{path: "listen.gateway", addr: &l.Gateway, public: true},
		{path: "listen.ui", addr: &l.UI, public: true},
		{path: "listen.hydra_public", addr: &l.HydraPublic, public: true},
		{path: "listen.hydra_admin", addr: &l.HydraAdmin, admin: true},
		{path: "listen.kratos_public", addr: &l.KratosPublic, public: true},
		{path: "listen.kratos_admin", addr: &l.KratosAdmin, admin: true},
		{path: "listen.ops", addr: &l.Ops},
		{path: "listen.console", addr: &l.Console, admin: true},
	}
}

// resolve gives a host to every address that names none. The admin and ops listeners never follow
// listen.host: opening the public ones inside a container must not open these along with them.
func (l *Listen) resolve(p Profile, dir string) {
	host := l.Host
	if host == "" && p == Development {
		host = "localhost"
	}
	for _, n := range l.all() {
		n.addr.path = absolute(dir, n.addr.path)
		if n.addr.Network() != "tcp" || n.addr.Off() || n.addr.host != "" {
			continue
		}
		switch {
		case n.public:
			n.addr.host = host
		case p == Development:
			n.addr.host = "localhost"
		}
	}
}
