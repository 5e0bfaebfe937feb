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
	"strings"
	"time"

	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/report"
	"example.com/identityd/bench/run"
	"example.com/identityd/bench/side"
)

// options are the flags of bench run.
type options struct {
	run.Config
	root, out, document, ours, keep string
	quick                           bool
}

func flags(args []string, stderr io.Writer) (options, error) {
	o := options{Config: run.Default()}
	for _, a := range args {
		if a == "-quick" || a == "--quick" {
			o.Config = run.Quick() // what other flags say comes after it, wherever they stand
		}
	}
	set := flag.NewFlagSet("bench run", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&o.quick, "quick", false, "two minutes, to see that everything works: rounds too few and short for results")
	set.IntVar(&o.Rounds, "rounds", o.Rounds, "how often everything is measured")
	set.DurationVar(&o.Warm, "warm", o.Warm, "how long an operation is warmed up")
	set.DurationVar(&o.Closed, "closed", o.Closed, "how long an operation is repeated as fast as it goes, in each round")
	set.DurationVar(&o.Open, "open", o.Open, "how long it is repeated at a rate, in each round")
	set.IntVar(&o.Workers, "workers", o.Workers, "how many repeat it at once")
	set.IntVar(&o.Hashing, "hashing", o.Hashing, "how many do where passwords are hashed")
	set.Float64Var(&o.Share, "share", o.Share, "the rate of the open loop, as a share of what the slower side can take")
	set.IntVar(&o.Most, "most", o.Most, "how many operations of an open loop run at once at most")
	set.IntVar(&o.Batches, "batches", o.Batches, "how many times operations are counted")
	set.IntVar(&o.Each, "each", o.Each, "how many operations are counted each time")
	set.IntVar(&o.Starts, "starts", o.Starts, "how often each kind of start is measured; 0 leaves out starts, memory and sizes")
	set.DurationVar(&o.Idle, "idle", o.Idle, "how long nobody asks anything before memory is read")
	set.IntVar(&o.Processes, "processes", o.Processes, "up to how many of each process share a database; 0 leaves it out")
	set.IntVar(&o.Growth, "growth", o.Growth, "up to how many people and tokens are in the databases (1000, 10000 ... 1000000); 0 leaves it out")
	set.Func("parts", "parts of the run, by comma: rounds,counts,footprint,processes,growth", func(v string) error {
		o.Parts = strings.Split(v, ",")
		return nil
	})
	set.BoolVar(&o.Durable, "durable", o.Durable, "have PostgreSQL wait for the disk at each commit, as it does by itself")
	set.Func("only", "operations to measure, by comma: client_credentials,whoami", func(v string) error {
		o.Operations = strings.Split(v, ",")
		return nil
	})
	set.StringVar(&o.root, "root", "..", "the repository")
	set.StringVar(&o.out, "out", "", "where results go (bench/results/<date>-<machine>.json)")
	set.StringVar(&o.document, "document", "", "a document whose table is replaced, such as docs/performance.md")
	set.StringVar(&o.ours, "identityd", "", "a program to measure in the place of this repository's identityd")
	set.StringVar(&o.keep, "dir", "", "a folder for the files and logs of the sides, kept afterwards")
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, errUsage
	}
	if set.NArg() > 0 {
		return o, errUsage
	}
	return o, o.Check()
}

func measure(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := flags(args, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	began := time.Now()
	if o.root, err = filepath.Abs(o.root); err != nil {
		return fmt.Errorf("finding the repository: %w", err)
	}
	log.InfoContext(ctx, "building both sides")
	programs, err := side.Build(ctx, o.root, filepath.Join(o.root, "bin", "bench"), o.ours)
	if err != nil {
		return err
	}
	pg, err := postgres.Start(ctx, postgres.Settings{Volatile: !o.Durable})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Close()) }()
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "identityd-bench-"); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer func() {
			if err == nil {
				os.RemoveAll(dir) //nolint:errcheck // a folder of ours in the system's own for such
			} else {
				log.ErrorContext(ctx, "the files and logs of the sides are kept", "dir", dir)
			}
		}()
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("finding a folder: %w", err)
	}
	b := &run.Bench{Config: o.Config, Sides: programs.Sides(), Postgres: pg, Dir: dir, Log: log, File: &report.File{
		Schema: report.Schema, Made: began.UTC(), Commit: commit(ctx, o.root), Command: strings.TrimSpace("bench run " + strings.Join(args, " ")), Machine: machine(ctx),
		Versions: versions(ctx, o.root, pg.Version, programs.Official.Node),
		Settings: map[string]any{"load": o.Config, "postgres": pg.Settings},
	}}
	err = b.Run(ctx)
	b.File.Took = time.Since(began).Round(time.Second).String()
	if err != nil {
		// What was measured until then is no result, and still worth a look.
		part := filepath.Join(dir, "unfinished.json")
		return errors.Join(err, b.File.Write(part))
	}
	return keep(o, b.File, stdout)
}

// keep writes results, plot and table.
func keep(o options, f *report.File, stdout io.Writer) error {
	name := o.out
	if name == "" {
		name = filepath.Join(o.root, "bench", "results", f.Made.Format("2006-01-02")+"-"+f.Machine.Slug()+".json")
	}
	if o.quick {
		f.Notes = append(f.Notes, "This was a quick run: its figures say nothing but that everything works.")
	}
	if err := f.Write(name); err != nil {
		return err
	}
	plot := strings.TrimSuffix(name, ".json") + ".svg"
	if err := f.Plot(plot); err != nil {
		return err
	}
	text := f.Table()
	if o.document != "" {
		link, err := filepath.Rel(filepath.Dir(o.document), plot)
		if err != nil {
			return fmt.Errorf("finding the plot from the document: %w", err)
		}
		if err := report.Insert(o.document, text+"\n![identityd compared with the official set-up]("+filepath.ToSlash(link)+")\n"); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(stdout, "%s\nwritten: %s, %s (%s)\n", text, name, plot, f.Took)
	return err
}
