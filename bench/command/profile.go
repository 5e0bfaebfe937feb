package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/profile"
	"example.com/identityd/bench/report"
	"example.com/identityd/bench/run"
	"example.com/identityd/bench/side"
)

// profiling writes a CPU profile of identityd under everything the bench does.
func profiling(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	c := run.Default()
	set := flag.NewFlagSet("bench profile", flag.ContinueOnError)
	set.SetOutput(stderr)
	root := set.String("root", "..", "the repository")
	out := set.String("out", "identityd.pgo", "where the profile goes")
	set.IntVar(&c.Rounds, "rounds", 3, "how often everything is done")
	set.DurationVar(&c.Closed, "closed", c.Closed, "how long an operation is repeated, in each round")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if err := c.Check(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	dir, err := os.MkdirTemp("", "identityd-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at, err := filepath.Abs(*root)
	if err != nil {
		return fmt.Errorf("finding the repository: %w", err)
	}
	program := filepath.Join(dir, "identityd")
	log.InfoContext(ctx, "building a program to profile")
	if err := profile.Build(ctx, at, dir, program); err != nil {
		return err
	}
	pg, err := postgres.Start(ctx, postgres.Settings{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Close()) }()
	b := &run.Bench{Config: c, Sides: []side.Side{side.Identityd{Binary: program}}, Postgres: pg, Dir: dir, Log: log, File: &report.File{}}
	made := filepath.Join(dir, "profile")
	if err := b.Profile(ctx, made); err != nil {
		return err
	}
	raw, err := os.ReadFile(made)
	if err != nil {
		return fmt.Errorf("reading the profile: %w", err)
	}
	if err := os.WriteFile(*out, raw, 0o644); err != nil { //nolint:gosec // a profile for the compiler, nothing secret
		return fmt.Errorf("writing the profile: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "written: %s (%d bytes); go build -pgo %s, or go tool pprof -top %s\n", *out, len(raw), *out, *out)
	return err
}
