//go:build unix

package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/doctest"
)

// pythonVariable tells the run in the namespace, from which PyPI cannot be asked, where the packages were installed.
const pythonVariable = "IDENTITYD_TEST_PYTHON"

// TestAPythonApplication makes the application of docs/guides/your-app.md as the page says, and signs somebody in to it and out again.
func TestAPythonApplication(t *testing.T) {
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: it installs packages from PyPI; IDENTITYD_TEST_LONG=1 runs it")
	}
	needs(t, "python3")
	blocks := doctest.Of(t, "docs/guides/your-app.md")
	create, install, both := strings.Cut(blocks[0].Text, "python3 -m venv")
	if !both {
		t.Fatalf("%s makes no venv", blocks[0].At())
	}
	dir := os.Getenv(pythonVariable)
	if dir == "" {
		dir = t.TempDir()
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", "python3 -m venv"+install) //nolint:gosec // of the page
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("SKIP: PyPI cannot be asked: %v\n%s", err, out)
		}
		t.Setenv(pythonVariable, dir)
	}
	pretend := filepath.Join(t.TempDir(), "identityd")
	pretendClone(t, pretend)
	if !doctest.Alone(t) {
		return
	}
	chrome.need(t)
	reader := &doctest.Reader{Dir: dir, Bound: 2 * time.Minute, Env: []string{"PATH=" + filepath.Join(pretend, "bin") + ":" + os.Getenv("PATH"), "HOME=" + dir}}
	reader.Do(t, doctest.Block{Page: "this test", Text: "exec identityd serve", Until: "Ctrl-C stops it."})
	reader.Do(t, doctest.Block{Page: blocks[0].Page, Line: blocks[0].Line, Text: create})
	for _, b := range blocks[1:] {
		if b.File == "" {
			reader.Do(t, b)
		} else if err := os.WriteFile(filepath.Join(dir, b.File), []byte(b.Text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := open(t, "python")
	b.allow("favicon.ico")
	b.visit("http://localhost:3000/registration")
	b.heading("Create your account")
	b.fill("traits.email", "grace@example.com")
	b.fill("password", password)
	b.press("main button[name=method][value=password]")
	b.visit("http://localhost:5000")
	b.shows("Nobody is signed in.")
	b.pressText("Sign in")
	b.heading("Desk wants to use your account")
	b.pressText("Allow")
	b.shows("Signed in as grace@example.com")
	b.pressText("Sign out")
	b.pressText("Yes, sign out")
	b.shows("Nobody is signed in.")
}
