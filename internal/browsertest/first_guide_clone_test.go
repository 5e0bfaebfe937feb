//go:build unix

package browsertest

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/doctest"
)

// cloneVariable and tookVariable tell the run in the namespace, from which no module can be fetched, what was built before it.
const (
	cloneVariable = "IDENTITYD_TEST_CLONE"
	tookVariable  = "IDENTITYD_TEST_CLONE_TOOK"
)

// clone makes what somebody has who cloned the repository. For a long run it is a fresh clone, built with empty caches: what make does
// again in the namespace has nothing left to do. Otherwise it is a folder with a Makefile whose build is done.
func clone(t *testing.T) cloned {
	t.Helper()
	if dir := os.Getenv(cloneVariable); dir != "" {
		took, err := time.ParseDuration(os.Getenv(tookVariable))
		if err != nil {
			t.Fatal(err)
		}
		return cloned{dir: dir, took: took}
	}
	dir := filepath.Join(t.TempDir(), "identityd")
	var took time.Duration
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		pretendClone(t, dir)
	} else {
		took = coldBuild(t, dir)
	}
	t.Setenv(cloneVariable, dir)
	t.Setenv(tookVariable, took.String())
	return cloned{dir: dir, took: took}
}

func pretendClone(t *testing.T, dir string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o750); err != nil {
		t.Fatal(err)
	}
	// By this name it is identityd (TestMain).
	if err := os.Symlink(self, filepath.Join(dir, "bin", "identityd")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte("build:\n\t@test -x bin/identityd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// coldBuild clones and builds as the page says, with the caches of Go empty.
func coldBuild(t *testing.T, dir string) time.Duration {
	t.Helper()
	begin := time.Now()
	run := func(in, script string) {
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script) //nolint:gosec // ours
		caches := t.TempDir()
		cmd.Dir = in
		cmd.Env = append(os.Environ(), "HOME="+caches, "GOCACHE="+filepath.Join(caches, "build"), "GOMODCACHE="+filepath.Join(caches, "mod"), "GOFLAGS=-modcacherw")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	run(t.TempDir(), "git clone -q "+doctest.Root(t)+" "+dir)
	run(dir, "make build")
	took := time.Since(begin)
	// In the namespace nothing can be fetched, and the caches are gone.
	makefile := filepath.Join(dir, "Makefile")
	if err := os.WriteFile(makefile, []byte("build:\n\t@test -x bin/identityd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return took
}

// refused asks as a browser does that nobody signed in with, and claims to be somebody.
func refused(t *testing.T, address string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Remote-Name", "Mallory")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusForbidden || strings.Contains(string(body), "Hello") {
		t.Errorf("%s without a rule: got %d %s, want 403", address, res.StatusCode, body)
	}
}
