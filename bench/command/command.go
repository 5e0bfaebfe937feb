package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

const usage = `usage: bench [run] [flags]            measure both sides and write results, table and plot
       bench compare OLD.json NEW.json  exit 1 on a regression beyond the noise that both measured
       bench table RESULTS.json         print the table
       bench profile [flags]            write a CPU profile of identityd under everything the bench does
       bench plot RESULTS.json OUT.svg  draw the plot

bench run -h lists its flags.
`

// errUsage is an error of whoever typed the command.
var errUsage = errors.New("usage")

// errWorse is a comparison that failed.
var errWorse = errors.New("worse")

// Main runs a command and returns its exit code: 0, 1 when something was wrong or got worse, 2 when it was called wrongly.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case errors.Is(err, errWorse):
		return 1
	}
	fmt.Fprintln(stderr, "bench:", err)
	return 1
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name := "run"
	if len(args) > 0 && len(args[0]) > 0 && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	switch name {
	case "run":
		return measure(ctx, args, stdout, stderr)
	case "profile":
		return profiling(ctx, args, stdout, stderr)
	case "compare":
		return compare(args, stdout)
	case "table":
		return table(args, stdout)
	case "plot":
		return plot(args)
	}
	return errUsage
}
