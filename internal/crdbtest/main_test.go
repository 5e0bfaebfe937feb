package crdbtest_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/stacktest"
)

// The outside client, and a folder for what outlives a test. Empty without a CockroachDB.
var client, shared string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	sqlseam.Register()
	if os.Getenv(crdbtest.BinaryVariable) == "" && os.Getenv(crdbtest.URLVariable) == "" {
		return m.Run() // everything is skipped, with the reason
	}
	var err error
	if shared, err = os.MkdirTemp("", "crdbtest-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(shared) //nolint:errcheck // a leftover in the temporary folder harms nobody
	if client, err = stacktest.BuildJourney(context.Background(), shared); err != nil {
		fmt.Fprintln(os.Stderr, "building the journey client:", err)
		return 1
	}
	return crdbtest.Main(m)
}
