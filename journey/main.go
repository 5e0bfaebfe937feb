package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main with its surroundings passed in: 0 all journeys passed, 1 one failed, 2 bad usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "journey: %v\n", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, opts.timeout)
	defer cancel()

	result := travel(ctx, opts)
	if opts.json {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(result); err != nil {
			fmt.Fprintf(stderr, "journey: writing the report: %v\n", err)
			return 1
		}
	} else {
		result.print(stdout)
	}
	if failed := result.failures(); len(failed) > 0 {
		for _, s := range failed {
			fmt.Fprintf(stderr, "journey %d failed at %q: %s\n", s.Journey, s.Name, s.Detail)
		}
		return 1
	}
	return 0
}
