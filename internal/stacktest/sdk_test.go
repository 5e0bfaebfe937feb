package stacktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"
)

// TestSDKs lets the SDKs that Ory publishes call a stack, as applications and consoles do: those for Go of a
// module of its own, and those for JavaScript. Every answer is held against what the SDK declares of it, but for what
// newer ones promise (docs/ory-quirks.md#q164). Client libraries of others sign people in to applications there.
func TestSDKs(t *testing.T) {
	s := Start(t, Set("dynamic_registration.enabled", "true"))
	environ := append(os.Environ(),
		"IDENTITYD_SDK_HYDRA="+s.URLs.Hydra, "IDENTITYD_SDK_HYDRA_ADMIN="+s.URLs.HydraAdmin,
		"IDENTITYD_SDK_KRATOS="+s.URLs.Kratos, "IDENTITYD_SDK_KRATOS_ADMIN="+s.URLs.KratosAdmin,
	)
	t.Run("for Go", func(t *testing.T) {
		out := runIn(t, filepath.Join("..", "..", "sdk"), environ, "go", "test", "-count=1", "-v", "./...")
		for _, name := range []string{"TestHydraClientGo", "TestKratosClientGo", "TestClientGo", "TestGoOIDC", "TestZitadelOIDC"} {
			if !strings.Contains(out, "--- PASS: "+name) {
				t.Errorf("%s did not run:\n%s", name, out)
			}
		}
	})
	t.Run("for JavaScript", func(t *testing.T) {
		dir := filepath.Join("..", "..", "sdk", "js")
		if err := installNode(t.Context(), dir); err != nil {
			if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "node") {
				t.Fatalf("%v (IDENTITYD_TEST_REQUIRE asks for it)", err)
			}
			t.Skipf("SKIP: %v", err)
		}
		out := runIn(t, dir, environ, "node", "check.mjs")
		for _, sdk := range []string{"hydra-client", "kratos-client", "client"} {
			if !strings.Contains(out, "@ory/"+sdk+": ") {
				t.Errorf("@ory/%s was not called:\n%s", sdk, out)
			}
		}
		out = runIn(t, dir, environ, "node", "libraries.mjs")
		for _, library := range []string{"openid-client", "oauth4webapi"} {
			if !strings.Contains(out, library+" ") {
				t.Errorf("%s was not run:\n%s", library, out)
			}
		}
	})
}

func runIn(t *testing.T, dir string, environ []string, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = dir, environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// installNode runs npm ci, unless the modules are those of the lock file already.
func installNode(ctx context.Context, dir string) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return errors.New(program + " is not installed (on Debian and Ubuntu: apt-get install nodejs npm)")
		}
	}
	path := filepath.Join(dir, "package-lock.json")
	// The other half of the tests is another process (Makefile), and npm ci takes away what is there.
	alone := flock.New(path)
	if err := alone.Lock(); err != nil {
		return fmt.Errorf("waiting for another npm ci in %s: %w", dir, err)
	}
	defer alone.Close() //nolint:errcheck // the end of the process does it too
	lock, err := os.Stat(path)
	if err != nil {
		return err
	}
	if there, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil && !there.ModTime().Before(lock.ModTime()) {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the registry of npm cannot be asked: %w\n%s", err, out)
	}
	return nil
}
