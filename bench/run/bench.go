package run

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

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

// phases are all of them. Where a password is hashed it is measured four times: with what each side does by itself, with the argon2id of each, with the same parameters on
// both, and without cost, which shows everything else.
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
			name: "argon2id", options: side.Options{Hasher: side.Argon2}, operations: []string{"login"},
			suffix: "_argon2", title: ", each with its own argon2id",
		},
		{
			name: "the same hash", options: side.Options{Hasher: side.OWASP}, operations: []string{"login"},
			suffix: "_owasp", title: ", both with OWASP's argon2id",
		},
	}
}

// parts are what a run consists of, in their order.
func (b *Bench) parts() []part {
	return []part{
		{"footprint", b.footprint},
		{"rounds", func(ctx context.Context) error {
			for _, p := range phases() {
				if err := b.phase(ctx, p); err != nil {
					return fmt.Errorf("measuring with %s: %w", p.name, err)
				}
			}
			return nil
		}},
		{"counts", b.count},
		{"processes", b.processes},
		{"growth", b.growth},
	}
}

type part struct {
	name string
	run  func(context.Context) error
}

// Run measures everything, or the parts that are asked for.
func (b *Bench) Run(ctx context.Context) error {
	if err := b.Check(); err != nil {
		return err
	}
	parts := b.parts()
	for _, asked := range b.Parts {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == asked }) {
			return fmt.Errorf("-parts: there is no part %q", asked)
		}
	}
	for _, p := range parts {
		if len(b.Parts) > 0 && !slices.Contains(b.Parts, p.name) {
			continue
		}
		b.Log.InfoContext(ctx, "part", "name", p.name)
		if err := p.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
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
