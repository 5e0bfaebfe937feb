package doctor

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/store"
)

// Subject is what is examined.
type Subject struct {
	// Config is the configuration, as far as it was understood.
	Config config.Config
	// Problems are what is wrong with it. What they name has no value to rely on.
	Problems []config.Problem
	// Version is this binary's.
	Version string
	Log     *slog.Logger
	// Process is the identityd that runs from data_dir; nil where none does, and Unasked says why where that
	// is not for want of one.
	Process *Process
	Unasked error
	// Settings are where the databases are.
	Settings store.Settings
	// Engines are the questions that need an engine.
	Engines Engines
	// Host is the machine; its zero value is the one that this runs on.
	Host Host
	// Probe asks the running process how a request arrived.
	Probe Probe
	// Net is the network that is asked.
	Net Net

	limit     time.Duration
	meeting   sync.Once
	databases []*Meeting
}

// Process is what a running identityd says of itself (GET /status of the control socket).
type Process struct {
	Version   string            `json:"version"`
	PID       int               `json:"pid"`
	Profile   string            `json:"profile"`
	Source    string            `json:"config"`
	Began     time.Time         `json:"began"`
	Ready     bool              `json:"ready"`
	Missing   map[string]string `json:"missing"`
	Listeners map[string]string `json:"listeners"`
	URLs      map[string]string `json:"urls"`
	Runtime   Runtime           `json:"runtime"`
	// Reload is what became of the last look at the configuration; nil before there was one.
	Reload *Reloaded `json:"reload"`
}

// Reloaded is what became of a look at the configuration.
type Reloaded struct {
	At    time.Time `json:"at"`
	Error string    `json:"error"`
}

// Runtime is what only the running process knows.
type Runtime struct {
	// Now is its clock.
	Now time.Time `json:"now"`
	// Janitor says how its housekeeping stands; nil before the engines have started.
	Janitor *JanitorState `json:"janitor,omitempty"`
	// Waiting are words that changed in the file and wait for a restart.
	Waiting []string `json:"waiting"`
	// Certificates are those in force, by the file that they came from.
	Certificates []Certificate `json:"certificates"`
	// Files is how many files it may have open, 0 for no bound.
	Files uint64 `json:"files"`
}

// JanitorState is how the housekeeping of a process stands.
type JanitorState struct {
	// Running says that the actor is at work, whoever's turn it is.
	Running bool `json:"running"`
	// Looked is when it last looked whether a run is due.
	Looked time.Time `json:"looked"`
	// Err is why the last run was not done.
	Err string `json:"err,omitempty"`
}

// Certificate is a certificate in force.
type Certificate struct {
	File     string    `json:"file"`
	SHA256   string    `json:"sha256"`
	NotAfter time.Time `json:"not_after"`
	// Failing says that the files hold what cannot be used, so that the certificate before is served.
	Failing bool `json:"failing"`
}

// Engines are questions that need an engine or the assembly of the stack. A nil one is not answered, and the
// check that asks it is left out.
type Engines struct {
	// Settings returns what the engines' own schemas refuse, as *config.Problems.
	Settings func(context.Context) error
	// Schema says how far the tables of both databases are.
	Schema func(ctx context.Context, hydra, kratos *sql.DB) (Schema, error)
	// Upkeep says how the janitor stands.
	Upkeep func(ctx context.Context, hydra, kratos *sql.DB) (Upkeep, error)
	// Hashing says what hashing passwords takes of this machine.
	Hashing func(context.Context) (Hashing, error)
	// Declared says what differs from what the file declares, as the running process reads it.
	Declared func(context.Context) ([]Declared, error)
	// Connections is what a process opens to a server beside the pools of both engines.
	Connections int
}

// Schema is how far the tables of both databases are.
type Schema struct {
	// Empty says that one of the two was never migrated.
	Empty bool
	// Pending counts the migrations to come.
	Pending int
	// Newer says that a newer release has migrated, named by Release.
	Newer   bool
	Release string
	// Refused says why this binary would not serve; empty when it would.
	Refused string
}

// Upkeep is how the janitor stands.
type Upkeep struct {
	// Began and Ended are of the latest run, zero for none.
	Began, Ended time.Time
	Tables       []Table
}

// Table is one that the janitor keeps clean.
type Table struct {
	Name string
	// Dead counts the dead rows among the first ones; All says that there are no more rows.
	Dead int64
	All  bool
}

// Hashing is what hashing passwords takes.
type Hashing struct {
	// Each is the memory of one hash, AtOnce how many may run at once.
	Each   uint64
	AtOnce int
}

func (s *Subject) close() {
	for _, d := range s.databases {
		if d.DB != nil {
			d.DB.Close()
		}
	}
}
