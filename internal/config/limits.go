package config

// Limits bound what the other end may take before anything is known of it.
type Limits struct {
	// Connections is how many each listener may have at once; 0 sets no bound.
	Connections int `yaml:"connections"`
	// ConnectionsPerAddress is how many of them may come from one IPv4 address or one /64 of IPv6. Those of
	// trusted proxies and of sockets are not counted; 0 sets no bound.
	ConnectionsPerAddress int `yaml:"connections_per_address"`
}

func defaultLimits() Limits { return Limits{Connections: 10000, ConnectionsPerAddress: 1000} }

func checkLimits(c *collector, cfg *Config) {
	all, one := cfg.Limits.Connections, cfg.Limits.ConnectionsPerAddress
	if all < 0 {
		c.add("limits.connections", "must not be negative (got %d); write 0 for no bound", all)
	}
	if one < 0 {
		c.add("limits.connections_per_address", "must not be negative (got %d); write 0 for no bound", one)
	}
	if all > 0 && one > all {
		c.add("limits.connections_per_address", "must not be above limits.connections, which ends them sooner (got %d and %d)", one, all)
	}
	if all > 0 && all < 10 {
		c.add("limits.connections", "must be at least 10, or probes and people lock each other out (got %d)", all)
	}
}
