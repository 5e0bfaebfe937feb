package run

import (
	"context"
	"fmt"
	"log/slog"

	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/report"
	"example.com/identityd/bench/side"
)

// Bench measures sides.
type Bench struct {
	Config
	Sides    []side.Side
	Postgres *postgres.Server
	// Dir is for the files of the sides.
	Dir  string
	File *report.File
	Log  *slog.Logger

	starts int
}

// phase is a way of starting the sides, and what is measured then.
type phase struct {
	name    string
	options side.Options
	// operations by name, and what is added to their names and titles.
	operations    []string
	suffix, title string
}

// phases are all of them. Where a password is hashed it is measured three times: with what each side does by itself, with the same parameters on both, and without
// cost, which shows everything else.
func phases() []phase {
	var every []string
	for _, o := range ops.All() {
		every = append(every, o.Name)
	}
	return []phase{
		{name: "own hash", operations: every},
		{
			name: "no hash cost", options: side.Options{Hasher: side.NoCost}, operations: []string{"code", "login", "registration"},
			suffix: "_no_hash", title: ", without the cost of the hash",
		},
		{
			name: "the same hash", options: side.Options{Hasher: side.OWASP}, operations: []string{"login"},
			suffix: "_owasp", title: ", both with OWASP's argon2id",
		},
	}
}

// Run measures everything that has rounds, and counts.
func (b *Bench) Run(ctx context.Context) error {
	if err := b.Check(); err != nil {
		return err
	}
	if err := b.footprint(ctx); err != nil {
		return fmt.Errorf("measuring starts, memory and sizes: %w", err)
	}
	for _, p := range phases() {
		if err := b.phase(ctx, p); err != nil {
			return fmt.Errorf("measuring with %s: %w", p.name, err)
		}
	}
	if err := b.count(ctx); err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	if err := b.processes(ctx); err != nil {
		return fmt.Errorf("measuring several processes: %w", err)
	}
	if err := b.growth(ctx); err != nil {
		return fmt.Errorf("measuring growth: %w", err)
	}
	return nil
}

// wanted are the operations of the phase that are to be measured.
func (b *Bench) wanted(names []string) ([]ops.Operation, error) {
	if _, err := ops.Named(b.Operations...); err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		wanted := len(b.Operations) == 0
		for _, w := range b.Operations {
			wanted = wanted || w == n
		}
		if wanted {
			out = append(out, n)
		}
	}
	return ops.Named(out...)
}
