package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctest"
)

// TestEveryConfigurationInADocumentIsOneThatStarts loads each yaml block: one with a profile as it is, any other as a part of a small
// stack.yaml, of development where that takes it and of production otherwise. A block of another kind says which test reads it.
func TestEveryConfigurationInADocumentIsOneThatStarts(t *testing.T) {
	seen := 0
	for _, page := range examplePages(t) {
		for _, b := range doctest.All(t, page) {
			if b.Language != "yaml" || b.RunBy != "" || b.NotRun != "" {
				continue
			}
			seen++
			if strings.HasPrefix(b.Text, "profile: ") {
				if err := starts(t, b.Text); err != nil {
					t.Errorf("%s: %v in\n%s", b.At(), err, b.Text)
				}
				continue
			}
			one := starts(t, within(t, b, small))
			if one == nil {
				continue
			}
			if other := starts(t, within(t, b, large)); other != nil {
				t.Errorf("%s: as a part of a stack.yaml for development: %v; for production: %v; in\n%s", b.At(), one, other, b.Text)
			}
		}
	}
	if seen < 10 {
		t.Errorf("got %d configurations in all documents, want many", seen)
	}
}

// What the parts of a configuration are read in.
const (
	small = "profile: development"
	large = `profile: production
origin: https://id.example.com
database:
  url: postgres://db.internal:5432/?sslmode=verify-full
  hydra: { user: hydra_user, password_file: secrets/hydra }
  kratos: { user: kratos_user, password_file: secrets/kratos }
secrets: { system_file: secrets/system, cookie_file: secrets/cookie, cipher_file: secrets/cipher }
mail: { smtp_url_file: secrets/smtp, from: no-reply@example.com }`
)

// within puts a part into a whole, word by word.
func within(t *testing.T, b doctest.Block, whole string) string {
	t.Helper()
	var into, part map[string]any
	if err := yaml.Unmarshal([]byte(whole), &into); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(b.Text), &part); err != nil {
		t.Errorf("%s: %v", b.At(), err)
		return whole
	}
	var merge func(into, part map[string]any)
	merge = func(into, part map[string]any) {
		for key, value := range part {
			below, isMap := value.(map[string]any)
			if old, wasMap := into[key].(map[string]any); isMap && wasMap {
				merge(old, below)
				continue
			}
			into[key] = value
		}
	}
	merge(into, part)
	out, err := yaml.Marshal(into)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// starts loads a configuration whose files are what their names say.
func starts(t *testing.T, text string) error {
	t.Helper()
	return startsWith(t, text, pair(t))
}

// startsWith is starts with some of the files as they are given.
func startsWith(t *testing.T, text string, given map[string]string) error {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("stack.yaml", text)
	var whole any
	if err := yaml.Unmarshal([]byte(text), &whole); err != nil {
		return err
	}
	for i, name := range filesOf(whole) {
		content, isGiven := given[name]
		if !isGiven {
			content = contentOf(t, name, i)
		}
		if !path.IsAbs(name) {
			write(name, content)
		}
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
