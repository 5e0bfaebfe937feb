package move

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// Database is one of the databases of an installation, on both sides.
type Database struct {
	Engine   string
	From, To *sql.DB
}

// Options say what to copy. Both sides have the schema of this version.
type Options struct {
	// Databases are in the order in which their pictures are taken. How far the copy is stands in the
	// last one's target, which has the tables of store.MigrateOwn.
	Databases []Database
	From, To  store.Dialect
	// Progress is told what happens, in the goroutine that copies; nil tells nobody.
	Progress func(Event)
}

// Phases of a copy.
const (
	PhaseCopy   = "copy"
	PhaseVerify = "verify"
)

// Event is one step of the progress.
type Event struct {
	Phase         string
	Engine, Table string
	Number, Of    int // the table's, over both databases
	Rows, Total   int64
	Elapsed       time.Duration // of this table
	Done          bool
	// Kept is a table that an earlier run has copied.
	Kept bool
}

// Table is what was copied of one.
type Table struct {
	Engine string `json:"database"`
	Name   string `json:"table"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
	// Kept is a table that an earlier run had copied and that was found unchanged.
	Kept bool `json:"kept,omitempty"`
}

// Summary is what a copy did.
type Summary struct {
	Tables  []Table       `json:"tables"`
	Rows    int64         `json:"rows"`
	Resumed bool          `json:"resumed"`
	Took    time.Duration `json:"-"`
}

// run is a copy that is going on.
type run struct {
	Options
	ledger ledger
	parts  []part
	of     int
	result Summary
}

// part is one database of it.
type part struct {
	Database
	plan plan
	from reader
}

// Run copies, and verifies what arrived. It may be interrupted at any point and run again.
func Run(ctx context.Context, o Options) (Summary, error) {
	if o.Progress == nil {
		o.Progress = func(Event) {}
	}
	began := time.Now()
	last := o.Databases[len(o.Databases)-1].To
	r := &run{Options: o, ledger: ledger{db: last, dialect: o.To}}
	var sources []querier
	// All pictures first: the shorter the time between them, the better they fit together.
	for _, d := range o.Databases {
		s, err := openSnapshot(ctx, d.From, o.From)
		if err != nil {
			return Summary{}, fmt.Errorf("reading the %s database: %w", d.Engine, explain(err))
		}
		defer s.end()
		sources = append(sources, s)
		r.parts = append(r.parts, part{Database: d, from: reader{q: s, sqlite: o.From == store.SQLite}})
	}
	for i := range r.parts {
		if err := r.parts[i].makePlan(ctx, dialects{o.From, o.To}); err != nil {
			return Summary{}, fmt.Errorf("comparing the %s databases: %w", r.parts[i].Engine, err)
		}
		r.of += len(r.parts[i].plan.tasks)
	}
	if err := r.begin(ctx, sources); err != nil {
		return Summary{}, err
	}
	number := 0
	for _, p := range r.parts {
		if err := r.copyPart(ctx, p, number); err != nil {
			return Summary{}, fmt.Errorf("copying the %s database: %w", p.Engine, err)
		}
		number += len(p.plan.tasks)
	}
	if err := r.copyFences(ctx, sources[len(sources)-1]); err != nil {
		return Summary{}, fmt.Errorf("copying the numbers of the leases: %w", explain(err))
	}
	if err := r.verify(ctx); err != nil {
		return Summary{}, fmt.Errorf("verifying the copy: %w", err)
	}
	if err := r.ledger.clear(ctx); err != nil {
		return Summary{}, fmt.Errorf("finishing the copy: %w", explain(err))
	}
	r.result.Took = time.Since(began)
	return r.result, nil
}

func (p *part) makePlan(ctx context.Context, d dialects) error {
	from, err := readCatalog(ctx, p.from.q, d.From)
	if err != nil {
		return explain(err)
	}
	to, err := readCatalog(ctx, p.To, d.To)
	if err != nil {
		return explain(err)
	}
	p.plan, err = makePlan(from, to, d)
	return err
}

// begin settles whether this copy may write to the target.
func (r *run) begin(ctx context.Context, sources []querier) error {
	mine, err := fingerprint(ctx, sources)
	if err != nil {
		return err
	}
	theirs, err := r.ledger.source(ctx)
	if err != nil {
		return fmt.Errorf("looking for an unfinished copy: %w", explain(err))
	}
	switch theirs {
	case mine:
		r.result.Resumed = true
		return nil
	case "":
	default:
		return ErrOtherCopy
	}
	var tables []string
	for _, p := range r.parts {
		found, err := occupied(ctx, p.To, p.plan)
		if err != nil {
			return err
		}
		tables = append(tables, found...)
	}
	if len(tables) > 0 {
		return &OccupiedError{Tables: tables}
	}
	if err := r.ledger.put(ctx, "", "", entry{state: "begun", digest: mine}); err != nil {
		return fmt.Errorf("beginning the copy: %w", explain(err))
	}
	return nil
}
