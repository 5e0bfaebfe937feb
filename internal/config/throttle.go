package config

import "time"

// Throttle makes guessing slow. Failures that are not free bring waits that double, never a lock. A free number is
// forgotten over its window, one failure after the other.
//
//	throttle:
//	  account: { free: 50, window: 12h }
//	  longest_wait: 30m
type Throttle struct {
	// Enabled switches the counting of failures on, which is the default.
	Enabled bool `yaml:"enabled"`
	// Pair counts the failures of one account from one address, or from one browser that signed in to it before.
	Pair ThrottleLevel `yaml:"pair"`
	// Account counts the failures of one account from everywhere, but from where it has proved itself before.
	Account ThrottleLevel `yaml:"account"`
	// Address counts the failures of one address (IPv6: one /64) at all accounts.
	Address ThrottleLevel `yaml:"address"`
	// Mails counts the messages with codes and links to one mailbox; half of it is free from one address.
	Mails ThrottleLevel `yaml:"mails"`
	// FirstWait is the wait that the first failure brings that is not free. Each further one doubles it.
	FirstWait time.Duration `yaml:"first_wait"`
	// LongestWait is where the doubling ends.
	LongestWait time.Duration `yaml:"longest_wait"`
	// Hashes is how many passwords are hashed at once, which is what bounds CPU and memory. 0: three quarters of the cores,
	// less where memory is scarce.
	Hashes int `yaml:"hashes"`
}

// ThrottleLevel says how many failures are free, and over which time they leak away.
type ThrottleLevel struct {
	// Free is how many failures bring no wait.
	Free int `yaml:"free"`
	// Window is the time in which as many failures as are free are forgotten, one after the other.
	Window time.Duration `yaml:"window"`
}

func defaultThrottle() Throttle {
	const day = 24 * time.Hour
	return Throttle{
		Enabled: true,
		Pair:    ThrottleLevel{Free: 5, Window: time.Hour},
		Account: ThrottleLevel{Free: 100, Window: day},
		// Many people share an address.
		Address:   ThrottleLevel{Free: 200, Window: time.Hour},
		Mails:     ThrottleLevel{Free: 20, Window: day},
		FirstWait: time.Second, LongestWait: 15 * time.Minute,
	}
}

func checkThrottle(c *collector, cfg *Config) {
	t := cfg.Throttle
	for _, l := range []struct {
		path  string
		level ThrottleLevel
	}{
		{"throttle.pair", t.Pair}, {"throttle.account", t.Account}, {"throttle.address", t.Address}, {"throttle.mails", t.Mails},
	} {
		if n := l.level.Free; n < 1 || n > 1_000_000 {
			c.add(l.path+".free", "must be from 1 to 1000000 (got %d)", n)
		}
		if w := l.level.Window; w < time.Second || w > tenYears {
			c.add(l.path+".window", "must be from %s to %s (got %s)", spell(time.Second), spell(tenYears), spell(w))
		}
	}
	if t.FirstWait < 10*time.Millisecond || t.FirstWait > time.Hour {
		c.add("throttle.first_wait", "must be from %s to %s (got %s)", spell(10*time.Millisecond), spell(time.Hour), spell(t.FirstWait))
	}
	if t.LongestWait < t.FirstWait || t.LongestWait > 24*time.Hour {
		c.add("throttle.longest_wait", "must be from throttle.first_wait (%s) to %s (got %s)", spell(t.FirstWait), spell(24*time.Hour), spell(t.LongestWait))
	}
	if t.Hashes < 0 || t.Hashes > 1024 {
		c.add("throttle.hashes", "must be from 0 (by the cores) to 1024 (got %d)", t.Hashes)
	}
}
