package config

import "time"

// tenYears is beyond any lifetime that is meant; more is a slip of the unit.
const tenYears = 3650 * 24 * time.Hour

// maxRefreshGrace is Hydra's own limit.
const maxRefreshGrace = 5 * time.Minute

func checkDurations(c *collector, cfg *Config) {
	for _, d := range []struct {
		path        string
		value       time.Duration
		least, most time.Duration
	}{
		{"session.lifespan", cfg.Session.Lifespan, time.Second, tenYears},
		{"session.privileged", cfg.Session.Privileged, time.Second, tenYears},
		// Hydra takes 0 for "for ever", which nobody means who writes 0.
		{"consent.remember_for", cfg.Consent.RememberFor, time.Second, tenYears},
		{"tokens.access", cfg.Tokens.Access, time.Second, tenYears},
		{"tokens.refresh", cfg.Tokens.Refresh, time.Second, tenYears},
		{"tokens.id", cfg.Tokens.ID, time.Second, tenYears},
		{"tokens.refresh_grace", cfg.Tokens.RefreshGrace, 0, maxRefreshGrace},
		{"janitor.interval", cfg.Janitor.Interval, time.Second, 30 * 24 * time.Hour},
		// The clocks of replicas differ a little, and so must not what one of them believes to be over.
		{"janitor.keep.sessions", cfg.Janitor.Keep.Sessions, time.Minute, tenYears},
		{"janitor.keep.tokens", cfg.Janitor.Keep.Tokens, time.Minute, tenYears},
		{"janitor.keep.flows", cfg.Janitor.Keep.Flows, time.Minute, tenYears},
		{"janitor.keep.mail", cfg.Janitor.Keep.Mail, time.Minute, tenYears},
		{"janitor.keep.errors", cfg.Janitor.Keep.Errors, time.Minute, tenYears},
		// Less than a month would be gone before anybody asks.
		{"audit.retention", cfg.Audit.Retention, 30 * 24 * time.Hour, tenYears},
		{"shutdown.prestop", cfg.Shutdown.Prestop, 0, time.Hour},
		{"shutdown.drain", cfg.Shutdown.Drain, time.Millisecond, time.Hour},
	} {
		if d.value < d.least || d.value > d.most {
			c.add(d.path, "must be from %s to %s (got %s)", spell(d.least), spell(d.most), spell(d.value))
		}
	}
}

func atLeast(c *collector, path string, d, least time.Duration) {
	if d < least {
		c.add(path, "must not be negative (got %s)", d)
	}
}
