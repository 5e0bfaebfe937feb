package config

import "time"

// Hook is a web address called when something happens.
type Hook struct {
	// On names the event, such as registration.after.
	On string `yaml:"on"`
	// URL is what is called.
	URL string `yaml:"url"`
	// SecretFile holds the key that signs the call.
	SecretFile string `yaml:"secret_file"`
	// Blocking waits for the answer and lets it refuse.
	Blocking bool `yaml:"blocking"`
	// Timeout bounds the call.
	Timeout time.Duration `yaml:"timeout"`
}

// Audit says how long the audit trail is kept, and of what.
type Audit struct {
	// Retention is the age at which records are deleted.
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
	// Level is the least severe level written: debug, info, warn or error.
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

// Tracing sends spans to a collector.
type Tracing struct {
	// Endpoint is the address of an OTLP collector.
	Endpoint string `yaml:"endpoint"`
	// Sample is the share of requests traced, from 0 to 1; errors always are.
	Sample float64 `yaml:"sample"`
}

func defaultTracing() Tracing { return Tracing{Sample: 0.1} }

// Shutdown divides the time between a signal and the exit. Together they stay below the 10 s after
// which containers are killed by default.
type Shutdown struct {
	// Prestop is how long the process still serves while it says it is not ready, so that load
	// balancers turn away first.
	Prestop time.Duration `yaml:"prestop"`
	// Drain is how long requests in flight may take after that.
	Drain time.Duration `yaml:"drain"`
}

func defaultShutdown(p Profile) Shutdown {
	if p == Development {
		return Shutdown{Drain: 5 * time.Second}
	}
	return Shutdown{Prestop: 2 * time.Second, Drain: 7 * time.Second}
}
