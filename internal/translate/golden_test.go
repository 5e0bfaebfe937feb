package translate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/configs"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/golden"
)

// input reads files as the command does. Secrets that are made are counted instead.
func input(t *testing.T, files ...string) Input {
	t.Helper()
	in := Input{Folder: "stack-files", Presets: map[string][]byte{}}
	made := 0
	in.Secret = func() (string, error) {
		made++
		return fmt.Sprintf("%d-new-secret-of-32-bytes-kXvQmZr", made)[:32], nil
	}
	in.Open = func(address string) ([]byte, error) {
		if strings.HasSuffix(address, ".jsonnet") {
			return []byte("{identity: {traits: {}}}\n"), nil
		}
		return nil, fs.ErrNotExist
	}
	for _, name := range []string{"email", "username"} {
		raw, err := fs.ReadFile(configs.FS(), "identity."+name+"-v1.schema.json")
		if err != nil {
			t.Fatal(err)
		}
		in.Presets[name] = raw
	}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		values, err := Parse(file, raw)
		if err != nil {
			t.Fatal(err)
		}
		in.Settings = append(in.Settings, Source{Engine: string(KindOf(values)), Name: file, Values: values})
	}
	return in
}

func TestImports(t *testing.T) {
	for name, files := range map[string][]string{
		"full": {"full/hydra.yml", "full/kratos.yml"},
		"old":  {"old/hydra.toml", "old/kratos.json"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Run(input(t, files...))
			if err != nil {
				t.Fatal(err)
			}
			golden.Text(t, *update, name+".stack.yaml", string(result.Stack))
			var b strings.Builder
			for _, k := range result.Keys {
				fmt.Fprintf(&b, "%s %s %s: %s -> %s; %s\n", k.Fate, k.Engine, k.Path, k.Value, strings.Join(k.To, " "), k.Why)
			}
			for _, n := range result.Notes {
				fmt.Fprintf(&b, "note %s: %s\n", n.Word, n.Text)
			}
			for _, f := range result.Files {
				fmt.Fprintf(&b, "file %s secret %t\n", f.Name, f.Secret)
			}
			if strings.Contains(b.String(), "hunter2") {
				t.Error("the report holds a secret")
			}
			golden.Text(t, *update, name+".report.txt", b.String())
		})
	}
}

// TestNoKeyIsLost imports every key of the engines alone: it is in the report, or what is wrong with it is said,
// and what is called translated or kept is in the result.
func TestNoKeyIsLost(t *testing.T) {
	samples := map[string]any{
		"boolean": true, "integer": 7, "number": 0.5, "array": []any{"https://a.example.com/"}, "object": map[string]any{"a": "b"}, "string": "https://a.example.com/x",
	}
	for _, engine := range []string{hydra, kratos} {
		for path, types := range catalogOf(engine).types {
			if strings.ContainsAny(path, "[*") {
				continue
			}
			kind, _, _ := strings.Cut(types, ",")
			in := input(t)
			in.Settings = []Source{{Engine: engine, Name: "one", Values: nest(map[string]any{path: samples[kind]})}}
			result, err := Run(in)
			var problems *Problems
			if errors.As(err, &problems) {
				if !strings.Contains(err.Error(), path) && !strings.Contains(err.Error(), section(path)) {
					t.Errorf("%s %s: the problem names another key: %v", engine, path, err)
				}
				continue
			}
			if err != nil || len(result.Keys) != 1 || result.Keys[0].Path != path {
				t.Errorf("%s %s: got keys %v and error %v, want it alone", engine, path, result.Keys, err)
				continue
			}
			key := result.Keys[0]
			switch key.Fate {
			case Translated:
				if len(key.To) == 0 {
					t.Errorf("%s %s is translated into nothing", engine, path)
				}
			case Kept:
				if len(key.To) != 1 || key.To[0] != engine+"."+path || !strings.Contains(string(result.Stack), "\n"+engine+":\n") {
					t.Errorf("%s %s is kept as %v, and the block is not written:\n%s", engine, path, key.To, result.Stack)
				}
				notOwned(t, result.Stack)
			case Dropped:
				if key.Why == "" {
					t.Errorf("%s %s is dropped without a reason", engine, path)
				}
			default:
				t.Errorf("%s %s has the fate %q", engine, path, key.Fate)
			}
		}
	}
}

// notOwned loads what was kept: a key that identityd sets itself would be refused in the block.
func notOwned(t *testing.T, stack []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stack.yaml")
	if err := os.WriteFile(file, stack, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Options{File: file, Set: map[string]string{"profile": "development"}})
	var problems *config.Problems
	if !errors.As(err, &problems) {
		return
	}
	for _, p := range problems.List {
		if strings.Contains(p.Message, "is set by identityd") {
			t.Errorf("%s %s", p.Path, p.Message)
		}
	}
}

func TestVariablesOfAContainer(t *testing.T) {
	in := input(t)
	in.Settings = ComposeServices("docker-compose.yml", map[string]any{"services": map[string]any{
		"hydra-migrate": map[string]any{"image": "oryd/hydra:v2.3.0", "command": "migrate sql", "environment": map[string]any{"DSN": "memory", "TTL_ID_TOKEN": "9m"}},
		"oauth": map[string]any{"image": "oryd/hydra:v2.3.0", "command": []any{"serve", "all", "--dev"}, "environment": []any{
			"URLS_SELF_ISSUER=http://localhost:4444", "SECRETS_SYSTEM=a-secret-of-hydras,another-of-hydras", "TTL_ACCESS_TOKEN=7m", "HOME=/root",
			"OIDC_SUBJECT_IDENTIFIERS_SUPPORTED_TYPES=public", "SERVE_PUBLIC_CORS_ALLOWED_ORIGINS=[\"https://a.example.com\"]", "SERVE_PUBLIC_CORS_ENABLED=true",
		}},
		"consent": map[string]any{"image": "oryd/hydra-login-consent-node:v2.2.0", "environment": []any{"HYDRA_ADMIN_URL=http://hydra:4445"}},
	}})
	result, err := Run(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"access: 7m", "- https://a.example.com", "profile: development", "origin: http://localhost:4444"} {
		if !strings.Contains(string(result.Stack), want) {
			t.Errorf("stack.yaml has no %q:\n%s", want, result.Stack)
		}
	}
	if strings.Contains(string(result.Stack), "9m") {
		t.Error("what the migrating container has, but for its database, was taken")
	}
	for _, f := range result.Files {
		if strings.HasSuffix(f.Name, "/system") && !strings.HasSuffix(string(f.Data), "\na-secret-of-hydras\nanother-of-hydras\n") {
			t.Errorf("the secrets are %q", f.Data)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"full/hydra.yml", "full/kratos.yml", "old/kratos.json"} {
		raw, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("selfservice: {methods: {oidc: {config: {providers: [1, {id: []}]}}}}\nidentity: {schemas: [a, {}]}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		values, err := Parse("a.yml", raw)
		if err != nil {
			return
		}
		for _, engine := range []string{hydra, kratos} {
			if KindOf(values) != Kind(engine) {
				continue
			}
			in := input(t)
			in.Settings = []Source{{Engine: engine, Name: "a.yml", Values: values}}
			result, err := Run(in)
			if err != nil {
				continue
			}
			if _, err := Parse("stack.yaml", result.Stack); err != nil {
				t.Fatalf("the result cannot be read: %v\n%s", err, result.Stack)
			}
			if _, err := json.Marshal(result.Keys); err != nil {
				t.Fatal(err)
			}
		}
	})
}
