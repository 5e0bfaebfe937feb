//go:build !unix

package pgtest

import (
	"context"
	"os"
	"os/exec"
)

// owner is the user that PostgreSQL runs as.
type owner struct{}

func findOwner() (owner, error) {
	return owner{}, &missingError{reason: "these tests can start it on Unix only; set " + urlVariable}
}

func (owner) take(string) error { return nil }

func (owner) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, name, args...)
}

func background(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), name, args...)
}

func signalOf(Mode) os.Signal { return os.Kill }

func (*process) freeze() error { return &missingError{reason: "it cannot be frozen here"} }

func (*process) thaw() error { return nil }
