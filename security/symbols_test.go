package security

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"example.com/identityd/internal/tried"
)

// dead are functions that advisories are about, or that everything they are about would be called by. Their
// packages are linked for a type or a constant; the linker leaves the functions out while nothing calls them.
var dead = []string{
	`golang\.org/x/crypto/openpgp`,
	`golang\.org/x/crypto/ssh`,
	`golang\.org/x/oauth2/jws`,
	`github\.com/jackc/pgconn\.(Connect|ConnectConfig)$`,
	`google\.golang\.org/grpc\.NewServer$`,
	`github\.com/ory/dockertest/v3\.NewPool$`,
	`github\.com/ory/dockertest/v3/docker\.(NewClient|\(\*Client\))`,
	`github\.com/docker/cli/cli/compose/loader\.(Load|ParseYAML)$`,
	`github\.com/opencontainers/runc/libcontainer/user\.(GetExecUser|ParsePasswd)`,
	`github\.com/jackc/pgx/v5/pgproto3\.\(\*Backend\)\.Receive`,
	`keysetpagination_v2`,
}

func TestNoFunctionOfAFlaggedPackageIsInTheBinary(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: linking a binary with its symbols takes 20 seconds; IDENTITYD_TEST_LONG=1 does it")
	}
	binary := filepath.Join(t.TempDir(), "identityd")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", tags(t), "-o", binary, "./cmd/identityd")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	raw, err := exec.CommandContext(t.Context(), "go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	symbols := bytes.Count(raw, []byte("\n"))
	if symbols < 10000 || !bytes.Contains(raw, []byte("example.com/identityd/internal/stack.New")) {
		t.Fatalf("got %d symbols, which cannot be all", symbols)
	}
	for _, pattern := range dead {
		if found := regexp.MustCompile(`(?m)^.* [Tt] (.*` + pattern + `.*)$`).FindSubmatch(raw); found != nil {
			t.Errorf("%s is in the binary", found[1])
		}
	}
	tried.Report(t, "Calling what advisories are about and has no fix (openpgp, pgproto3 v2, Docker)",
		"of %d symbols in the binary none matches one of %d patterns", symbols, len(dead))
}
