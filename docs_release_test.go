package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/doctest"
)

// TestTheArchiveOfThePage installs a release and takes it away again, by the lines of docs/install.md.
func TestTheArchiveOfThePage(t *testing.T) {
	const variable = "IDENTITYD_TEST_RELEASE"
	release := os.Getenv(variable)
	if release == "" {
		t.Skip("SKIP: " + variable + " names no folder; make release VERSION=1.4.0 PLATFORMS=linux/amd64 makes dist")
	}
	prefix, dir := t.TempDir(), filepath.Join(t.TempDir(), "release")
	if err := os.CopyFS(dir, os.DirFS(release)); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for i, b := range doctest.Of(t, "docs/install.md") {
		script.WriteString(b.Text)
		if i == 0 { // what is there between the two
			script.WriteString("test -s \"$PREFIX/share/man/man1/identityd-serve.1\"; test -s deploy/forward-auth/Caddyfile; test -s THIRD-PARTY-LICENSES.txt\n" +
				"./identityd config check --config configs/stack.yaml\necho installed\n")
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script.String())
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PREFIX="+prefix)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"identityd-1.4.0-linux-amd64.tar.gz: OK", "\n1.4.0\n", "\ninstalled\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("got no %q in\n%s", want, out)
		}
	}
	err = filepath.WalkDir(prefix, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left", strings.TrimPrefix(name, prefix))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
