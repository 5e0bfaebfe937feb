package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
)

var (
	yamlBlock  = regexp.MustCompile("(?ms)^```yaml\n(profile: .*?)^```$")
	secretFile = regexp.MustCompile(`[a-z]_file: (secrets/[a-z]+)`)
)

func TestEveryConfigurationInADocumentIsOneThatStarts(t *testing.T) {
	for name, want := range map[string]int{"README.md": 2, "docs/production.md": 1, "docs/cockroachdb.md": 2, "docs/operating.md": 1} {
		blocks := yamlBlock.FindAllStringSubmatch(read(t, name), -1)
		if got := len(blocks); got != want {
			t.Errorf("%s: got %d configurations, want %d", name, got, want)
		}
		for _, block := range blocks {
			if err := starts(t, block[1]); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, block[1])
			}
		}
	}
}

// starts loads a configuration whose secrets are what their names say.
func starts(t *testing.T, text string) error {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("stack.yaml", text)
	// They have to differ from each other.
	for i, m := range secretFile.FindAllStringSubmatch(text, -1) {
		content := string(rune('a'+i)) + "0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T"
		if strings.HasSuffix(m[1], "/smtp") {
			content = "smtps://user:password@mail.example.com:465"
		}
		write(m[1], content)
	}
	_, err := config.Load(config.Options{
		File: "stack.yaml", Dir: dir,
		CheckClaims: func(block map[string]map[string]any) []config.Problem {
			var out []config.Problem
			_, problems := claims.Compile(block)
			for _, p := range problems {
				out = append(out, config.Problem{Path: p.Path, Message: p.Message})
			}
			return out
		},
	})
	return err
}
