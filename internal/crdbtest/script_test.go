package crdbtest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const script = "../../tools/crdb-proof.sh"

// TestTheProofSaysWhatIsMissing runs the script of make crdb-proof with nothing to run on.
func TestTheProofSaysWhatIsMissing(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIP: the script needs go in PATH")
	}
	none := "CockroachDB is missing: put cockroach into PATH, set COCKROACH_BINARY to it, " +
		"or set IDENTITYD_TEST_CRDB_DSN to the cockroach:// URL of a user who may create databases"
	broken := filepath.Join(t.TempDir(), "cockroach")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho no such library\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, path, binary, want string }{
		{"no database", filepath.Dir(goTool) + ":/usr/bin:/bin", "", none},
		{"no Go", "/usr/bin:/bin", "", "Go is missing: install the version that go.mod names, see https://go.dev/dl"},
		{"a path without a program", filepath.Dir(goTool) + ":/usr/bin:/bin", "/nonexistent/cockroach", "COCKROACH_BINARY is not a program: /nonexistent/cockroach"},
		{"a program that does not run", filepath.Dir(goTool) + ":/usr/bin:/bin", broken, "COCKROACH_BINARY does not run: no such library"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no Go" && filepath.Dir(goTool) == "/usr/bin" {
				t.Skip("SKIP: go is where everything is")
			}
			cmd := exec.CommandContext(t.Context(), "bash", script)
			cmd.Env = []string{"PATH=" + tt.path, "COCKROACH_BINARY=" + tt.binary, "HOME=" + t.TempDir()}
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("got %v, want exit 1", err)
			}
			if got := strings.TrimSpace(string(out)); got != "crdb-proof: "+tt.want {
				t.Errorf("got  %s\nwant crdb-proof: %s", got, tt.want)
			}
		})
	}
}

func TestTheProofIsCleanShell(t *testing.T) {
	tool, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("SKIP: shellcheck is not installed")
	}
	if out, err := exec.CommandContext(t.Context(), tool, script).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
