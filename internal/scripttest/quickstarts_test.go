package scripttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheQuickStartsAreServed imports the files of the engines' own quick starts and starts what came of them.
func TestTheQuickStartsAreServed(t *testing.T) {
	hydra, kratos := source(t, "github.com/ory/hydra/v2"), source(t, "github.com/ory/kratos")
	for _, name := range []string{"email-password", "all-strategies", "cloud"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			at := filepath.Join(kratos, "contrib", "quickstart", "kratos", name)
			cmd := exec.CommandContext(t.Context(), "identityd", "config", "import", filepath.Join(hydra, "contrib", "quickstart", "5-min", "hydra.yml"),
				filepath.Join(at, "kratos.yml"), filepath.Join(at, "identity.schema.json"))
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("importing: %v\n%s", err, out)
			}
			environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
			for _, pair := range AnyPort() {
				// Where everything is under one address, the other two listeners are off.
				if name == "cloud" && strings.Contains(pair, "_PUBLIC=") {
					continue
				}
				environ = append(environ, pair)
			}
			p, err := Start(dir, "identityd", environ, []string{"serve"})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Kill()
			if err := p.Await("the start", func() bool { return p.Logs("ready") || p.bannered() }); err != nil {
				t.Error(err)
			}
		})
	}
}

// source is the folder of a module in the cache.
func source(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("SKIP: the sources of %s are not in the module cache: %v", module, err)
	}
	return dir
}
