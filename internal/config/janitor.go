package config

import "time"

// Janitor removes rows that nobody can need again, from both databases, by one process at a time.
//
//	janitor:
//	  keep: { sessions: 7d, mail: 1d }
//	  rows_per_second: 200
type Janitor struct {
	// Enabled switches it on, which is the default: without it the tables grow for ever.
	Enabled bool `yaml:"enabled"`
	// Interval is the time between the ends of one run and the next, of all processes together.
	Interval time.Duration `yaml:"interval"`
	// Keep says how long rows are kept after their end.
	Keep Keep `yaml:"keep"`
	// Batch is how many rows one transaction removes at most.
	Batch int `yaml:"batch"`
	// RowsPerSecond bounds how fast rows are removed.
	RowsPerSecond int `yaml:"rows_per_second"`
}

// Keep says how long rows are kept after their end.
type Keep struct {
	// Sessions are people's sign-ins at Kratos, after they expired.
	Sessions time.Duration `yaml:"sessions"`
	// Tokens are what Hydra issued and what it needs for it (codes, consents, sign-ins), after it expired.
	Tokens time.Duration `yaml:"tokens"`
	// Flows are forms that were begun (sign-in, sign-up, recovery and so on) and their codes, after they
	// expired.
	Flows time.Duration `yaml:"flows"`
	// Mail is messages, with their text, after they were sent or given up.
	Mail time.Duration `yaml:"mail"`
	// Errors are what people were shown, after it was made.
	Errors time.Duration `yaml:"errors"`
}

func defaultJanitor() Janitor {
	const day = 24 * time.Hour
	return Janitor{
		Enabled: true, Interval: time.Hour, Batch: 500, RowsPerSecond: 1000,
		Keep: Keep{Sessions: 30 * day, Tokens: day, Flows: day, Mail: 7 * day, Errors: 7 * day},
	}
}

func checkJanitor(c *collector, cfg *Config) {
	for _, n := range []struct {
		path               string
		value, least, most int
	}{
		// PostgreSQL and CockroachDB take 65535 parameters, SQLite half of them.
		{"janitor.batch", cfg.Janitor.Batch, 1, 10_000},
		{"janitor.rows_per_second", cfg.Janitor.RowsPerSecond, 1, 1_000_000},
	} {
		if n.value < n.least || n.value > n.most {
			c.add(n.path, "must be from %d to %d (got %d)", n.least, n.most, n.value)
		}
	}
}
