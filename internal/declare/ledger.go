package declare

import (
	"context"
	"time"
)

// Row is what is remembered of one thing that a file made.
type Row struct {
	Kind  Kind
	Name  string
	Owner string
	// Ref tells this one from another of the same name: a person's id, a client's time of creation.
	Ref string
	// Digest stands for what the file said when it was last written, Secret for the secret in it.
	Digest, Secret string
	// Found stands for what the server held then. Another sum is a change by somebody else.
	Found         string
	Made, Changed time.Time
	// Left is when a person left the file and was deactivated; zero for whoever is in it.
	Left time.Time
}

// File is one state of what a file declares. The newest one is in force.
type File struct {
	Digest     string
	Generation int64
	At         time.Time
	// By names the process that took it into force.
	By string
	// Done says that all of it was.
	Done bool
}

// Ledger remembers what files made.
type Ledger interface {
	// Rows returns all, of every owner.
	Rows(ctx context.Context) ([]Row, error)
	// Save writes one, Drop forgets one.
	Save(ctx context.Context, r Row) error
	Drop(ctx context.Context, kind Kind, name string) error
	// Files returns those of an owner, the newest first.
	Files(ctx context.Context, owner string) ([]File, error)
	// SaveFile writes one, in the place of the same one before.
	SaveFile(ctx context.Context, owner string, f File) error
	// Beat says that a process serves with a state of the file; Leave that it does not any more.
	Beat(ctx context.Context, holder, owner string, generation int64, seen time.Time) error
	Leave(ctx context.Context, holder string) error
	// Served says whether somebody but holder was seen with a state of the file since then.
	Served(ctx context.Context, holder, owner string, generation int64, since time.Time) (bool, error)
}

// Held is what a server has.
type Held struct {
	Kind Kind
	Name string
	// Ref as in Row.
	Ref    string
	Mark   Mark
	Values Values
	// Sum stands for all of it, the secret included.
	Sum string
	// Raw is for the registry, which made it.
	Raw any
}

// Registry is a server that has things of one kind.
type Registry interface {
	// Get returns what has the name, or the ref when that is not empty. ErrNotFound.
	Get(ctx context.Context, w Want, ref string) (*Held, error)
	// Find returns what is there already and would be in the way of a new one. ErrNotFound.
	Find(ctx context.Context, w Want) (*Held, error)
	// Create makes one. ErrExists.
	Create(ctx context.Context, w Want, m Mark) (*Held, error)
	// Update makes it as wanted, with its secret or without touching the one it has. ErrNotFound.
	Update(ctx context.Context, was *Held, w Want, m Mark, secret bool) (*Held, error)
	// Leave does what has to become of one that left the file: nil when it is gone, or what is left of it.
	Leave(ctx context.Context, was *Held) (*Held, error)
	// Delete removes it.
	Delete(ctx context.Context, was *Held) error
}
