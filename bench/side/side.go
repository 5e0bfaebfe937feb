package side

import (
	"context"
	"time"
)

// Side is one of the set-ups that are compared.
type Side interface {
	// Name is "identityd" or "official".
	Name() string
	// Start brings the databases up to date, starts every process and returns when all of them are ready. With the Dir and the databases of an earlier
	// start it is a warm start.
	Start(ctx context.Context, o Options) (*Running, error)
	// Files are what a machine needs to run this side, to add up their sizes.
	Files() []string
}

// The forms of access tokens.
const (
	Opaque = "opaque"
	JWT    = "jwt"
)

// Hasher is how passwords are hashed.
type Hasher string

const (
	// OwnHasher is what each side does when nobody says anything: argon2id with 19 MiB and t=2 at identityd, bcrypt with a cost of 12 at Kratos.
	OwnHasher Hasher = ""
	// OWASP is argon2id with 19 MiB, t=2, p=1 on both sides.
	OWASP Hasher = "owasp"
	// Argon2 is argon2id with the parameters that each side has by itself: 19 MiB and t=2 at identityd, 128 MB and t=1 at Kratos.
	Argon2 Hasher = "argon2"
	// NoCost is the cheapest argon2id on both sides, to look at everything but the hash. For the bench alone.
	NoCost Hasher = "no-cost"
)

// Options says how a side is started.
type Options struct {
	// Dir is a folder of this side alone: its files, its logs, its secrets, its SQLite.
	Dir string
	// Databases are the URLs of an existing database for each engine. Both empty: SQLite below Dir.
	Databases Databases
	// Tokens is the form of access tokens, Opaque when it is empty.
	Tokens string
	// Hasher is how passwords are hashed.
	Hasher Hasher
	// Processes is how many of each process serve the same databases, 1 when it is 0.
	Processes int
	// Environment is added to that of the processes, GODEBUG and GOGC for example.
	Environment []string
}

// Databases are the URLs of the two databases of a side.
type Databases struct{ Hydra, Kratos string }

// Addresses are what a client has to know. The first three are those of the browser, as in production behind a proxy that ends TLS: they are https and
// resolve nowhere, and only Running.Transport reaches them. The admin APIs are plain and on loopback.
type Addresses struct {
	OAuth2, Kratos, UI      string
	HydraAdmin, KratosAdmin string
}

// Running is a side that serves.
type Running struct {
	Addresses
	// Side is its name.
	Side string
	// PIDs are the processes by name: identityd, or hydra, kratos and ui; further ones are identityd-2, hydra-2 and so on.
	PIDs map[string]int
	// Metrics are the addresses of Prometheus metrics by the name of the process. A process without any is not in it.
	Metrics map[string]string
	// Databases are those of the options, empty on SQLite.
	Databases Databases
	// Migrated is how long the migrations took that had to end before anything was started, 0 where the process does it itself.
	Migrated time.Duration
	// Ready is how long it took until all of it was ready, with the migrations.
	Ready time.Duration
	// CPU is what it took of the processors until then, with the migrations.
	CPU time.Duration

	processes []*process
	dial      map[string][]string
}
