package stacktest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam/standin"
)

// client is the outside client, built once.
var client string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "journey-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a leftover in the temporary folder harms nobody
	if client, err = BuildJourney(context.Background(), folder); err != nil {
		fmt.Fprintln(os.Stderr, "building the journey client:", err)
		return 1
	}
	if StandIn() {
		// Before any stack registers the drivers without the rewriting.
		if err := standin.Register(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	code := pgtest.Main(m)
	if code != 0 {
		return code
	}
	if err := skips.check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := goleak.Find(
		// Ristretto caches of ory/x and Kratos that nothing can close: constant in number.
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*Cache[...]).processItems"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*defaultPolicy[...]).processItems"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*lfuPolicy[...]).processItems"),
	); err != nil {
		fmt.Fprintln(os.Stderr, "goroutines left behind:", err)
		return 1
	}
	return 0
}
