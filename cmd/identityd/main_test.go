package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary answer to the name identityd as well: tests run it as a process of its own,
// race detector included, and it is linked once.
func TestMain(m *testing.M) {
	// The race detector sleeps for a second at every exit unless it is told not to.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(m, map[string]func(){"identityd": main})
}
