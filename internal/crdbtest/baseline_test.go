package crdbtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"example.com/identityd/internal/crdbtest"
)

// TestBaseline runs the comparison of internal/stacktest on this server: an empty database that was made
// from the baseline equals one that was migrated (docs/adr/0015-baseline.md).
func TestBaseline(t *testing.T) {
	s := crdbtest.Shared(t)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-tags", "sqlite", "-timeout", "2h", "-v",
		"-run", "^TestBaselines$/^cockroach$", "../stacktest")
	cmd.Env = append(os.Environ(), crdbtest.URLVariable+"="+s.URL())
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("no baseline was made")):
		t.Skip("SKIP: no baseline was made on a CockroachDB cluster yet; migrations run in its place (make baseline)")
	case !bytes.Contains(out, []byte("--- PASS: TestBaselines/cockroach")):
		t.Errorf("the comparison was not run:\n%s", out)
	}
}
