package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Dump returns what pg_dump of the installation writes about a database, with the options given.
func Dump(t testing.TB, dsn string, options ...string) string {
	t.Helper()
	found, err := find()
	if err != nil {
		missing(t, err)
	}
	// Of the same version as the server: PATH may have a link to one program and not to the other.
	server, err := filepath.EvalSymlinks(found.postgres)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(filepath.Dir(server), "pg_dump")
	cmd := exec.CommandContext(t.Context(), program, append(options, "--dbname", dsn)...)
	// No PG* variable of the developer's shell.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("running pg_dump: %v\n%s", err, exit.Stderr)
	}
	if err != nil {
		t.Fatalf("running pg_dump: %v", err)
	}
	return string(out)
}
