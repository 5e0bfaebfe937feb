package config

// Listen says where each listener is bound: "host:port", "unix:/path" or "off".
type Listen struct {
	// Host is the host of the public listeners that name none. Empty: all addresses in production,
	// loopback in development.
	Host string `yaml:"host"`
	// Gateway serves the UI, Kratos public and Hydra public on one address, by path. With origin, and in
	// development without urls, it takes the place of UI unless it is written or UI is off.
	Gateway Address `yaml:"gateway"`
	// UI serves the browser pages.
	UI Address `yaml:"ui"`
	// HydraPublic serves OAuth2 and OpenID Connect.
	HydraPublic Address `yaml:"hydra_public"`
	// HydraAdmin serves Hydra's admin API, which has no authentication of its own.
	HydraAdmin Address `yaml:"hydra_admin"`
	// KratosPublic serves the self-service flows.
	KratosPublic Address `yaml:"kratos_public"`
	// KratosAdmin serves Kratos' admin API, which has no authentication of its own.
	KratosAdmin Address `yaml:"kratos_admin"`
	// Ops serves metrics, health and build info, nothing secret.
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
