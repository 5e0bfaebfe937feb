package stacktest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

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
	known := []goleak.Option{
		// Ristretto caches of ory/x and Kratos that nothing can close: constant in number.
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*Cache[...]).processItems"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*defaultPolicy[...]).processItems"),
		goleak.IgnoreAnyFunction("github.com/dgraph-io/ristretto.(*lfuPolicy[...]).processItems"),
		// Toxiproxy, of tests alone: a link whose peer went while a chunk was under way waits for ever to hand it on
		// (its toxics/noop.go and link.go: write ends, and nobody drains what read has filled).
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
	}
	// What ends by itself has 30 seconds for it, on a machine that is busy with the other half.
	leaks := goleak.Find(known...)
	for deadline := time.Now().Add(30 * time.Second); leaks != nil && time.Now().Before(deadline); {
		leaks = goleak.Find(known...)
	}
	if leaks != nil {
		fmt.Fprintln(os.Stderr, "goroutines left behind:", leaks)
		return 1
	}
	return 0
}
