package config

import "time"

// Audit says how long the audit trail is kept, and of what.
type Audit struct {
	// Retention is the age at which records of the audit trail are deleted.
	Retention time.Duration `yaml:"retention"`
	// Tokens says which tokens have a record: grants (those that a person is asked for) or all (what
	// applications get by refresh tokens and by their own credentials too).
	Tokens AuditTokens `yaml:"tokens"`
}

// AuditTokens says which tokens have a record.
type AuditTokens string

// The tokens that have a record.
const (
	AuditGrants    AuditTokens = "grants"
	AuditAllTokens AuditTokens = "all"
)

func (AuditTokens) words() []string { return []string{string(AuditGrants), string(AuditAllTokens)} }

func defaultAudit() Audit { return Audit{Retention: 400 * 24 * time.Hour, Tokens: AuditGrants} }

// Logging shapes the log stream.
type Logging struct {
	// Level is the least severe level written: debug, info, warn or error. Access lines are info.
	Level LogLevel `yaml:"level"`
	// Format is json or text. Empty: text on a terminal, else json.
	Format LogFormat `yaml:"format"`
}

// LogLevel is the least severe level written.
type LogLevel string

func (LogLevel) words() []string { return []string{"debug", "info", "warn", "error"} }

// LogFormat is the form of a log record.
type LogFormat string

func (LogFormat) words() []string { return []string{"json", "text"} }

func defaultLogging() Logging { return Logging{Level: "info"} }

// Shutdown divides the time between a signal and the exit. Together they stay below the 10 s after which containers are
// killed by default.
//
//	shutdown:
//	  prestop: 5s
//	  drain: 20s
type Shutdown struct {
	// Prestop is how long the process still serves while it says it is not ready, so that load
	// balancers turn away first.
	Prestop time.Duration `yaml:"prestop"`
	// Drain is how long requests in flight may take after prestop, before the process ends.
	Drain time.Duration `yaml:"drain"`
}

func defaultShutdown(p Profile) Shutdown {
	if p == Development {
		return Shutdown{Drain: 5 * time.Second}
	}
	return Shutdown{Prestop: 2 * time.Second, Drain: 7 * time.Second}
}
