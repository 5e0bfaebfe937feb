package scripttest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/cli"
)

// binaryVariable names the program that scripts and tests run. Without it they run the test binary itself.
const binaryVariable = "IDENTITYD_TEST_BINARY"

// Main puts a program with the name identityd into the PATH, runs the tests and ends the process: the one that
// IDENTITYD_TEST_BINARY names, as it is released, or this binary under another name, race detector included, so
// that nothing is linked twice.
func Main(m *testing.M) {
	// The race detector sleeps for a second at every exit unless it is told not to.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		fail(err)
	}
	if binary := os.Getenv(binaryVariable); binary != "" {
		remove, err := intoPath(binary)
		if err != nil {
			fail(err)
		}
		code := m.Run()
		fail(remove())
		os.Exit(code)
	}
	testscript.Main(m, map[string]func(){
		"identityd": func() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// intoPath makes a folder in which the binary is called identityd the first of the PATH.
func intoPath(binary string) (remove func() error, err error) {
	if !filepath.IsAbs(binary) {
		return nil, errors.New(binaryVariable + " wants the whole path of a program: tests run in folders of their own")
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, fmt.Errorf("looking for the program of %s (make build makes bin/identityd): %w", binaryVariable, err)
	}
	folder, err := os.MkdirTemp("", "identityd-binary-*")
	if err != nil {
		return nil, err
	}
	remove = func() error { return os.RemoveAll(folder) }
	if err := os.Symlink(binary, filepath.Join(folder, "identityd")); err != nil {
		return nil, errors.Join(err, remove())
	}
	if err := os.Setenv("PATH", folder+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return nil, errors.Join(err, remove())
	}
	return remove, nil
}

// fail ends the process for an error.
func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
