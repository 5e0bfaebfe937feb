package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.com/identityd/internal/doctest"
)

// TestTheSecretsOfThePage runs the lines of docs/production.md that make secrets, and starts from what they made.
func TestTheSecretsOfThePage(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIP: there is no openssl")
	}
	dir := t.TempDir()
	for _, b := range doctest.Of(t, "docs/production.md") {
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", b.Text)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", b.At(), err, out)
		}
	}
	made := map[string]string{}
	for _, name := range []string{"system", "cookie", "cipher", "smtp"} {
		file := filepath.Join(dir, "secrets", name)
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %04o, want 0600", name, got)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		made["secrets/"+name] = string(raw)
	}
	if err := startsWith(t, large, made); err != nil {
		t.Error(err)
	}
}
