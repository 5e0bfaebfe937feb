package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/config"
)

const composeFolder = "../../deploy/compose"

// composeService is a service of a compose file as far as the tests look at it.
type composeService struct {
	Image       string
	Command     []string
	User        string
	Ports       []string
	Volumes     []string
	Environment map[string]string
	Tmpfs       []string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	StopGrace   string   `yaml:"stop_grace_period"`
	Healthcheck struct{ Test []string }
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
}

type composeFile struct {
	Services map[string]composeService
	Volumes  map[string]any
}

func readCompose(t *testing.T, name string) composeFile {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(composeFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	var f composeFile
	if err := yaml.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func composeFiles() map[string]string {
	return map[string]string{"compose.yaml": "stack.yaml", "compose.postgres.yaml": "stack.postgres.yaml"}
}

// TestTheFilesOfCompose holds them against the schema of the Compose Specification (testdata/compose, of compose-go v2.16.2,
// Apache-2.0) and against what we say of them.
func TestTheFilesOfCompose(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "compose", "compose-spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("compose-spec.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("compose-spec.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, stack := range composeFiles() {
		t.Run(name+" is what the schema says", func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(composeFolder, name))
			if err != nil {
				t.Fatal(err)
			}
			var whole any
			if err := yaml.Unmarshal(raw, &whole); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(whole); err != nil {
				t.Error(err)
			}
		})
		t.Run(name+" gives nobody more than it needs", func(t *testing.T) { checkCompose(t, readCompose(t, name)) })
		t.Run(stack+" is one that starts", func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(composeFolder, stack))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			password := filepath.Join(dir, "password")
			text := strings.ReplaceAll(string(raw), "/run/password/identityd", password)
			for path, content := range map[string]string{password: "a password", filepath.Join(dir, "stack.yaml"): text} {
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := config.Load(config.Options{File: "stack.yaml", Dir: dir}); err != nil {
				t.Error(err)
			}
		})
	}
}

func checkCompose(t *testing.T, f composeFile) {
	t.Helper()
	for name, s := range f.Services {
		if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s keeps capabilities %v or %v", name, s.CapDrop, s.SecurityOpt)
		}
		if name != "identityd" && len(s.Ports) > 0 {
			t.Errorf("%s publishes %v", name, s.Ports)
		}
		for key, value := range s.Environment {
			if strings.Contains(key, "PASSWORD") && !strings.HasSuffix(key, "_FILE") {
				t.Errorf("%s has a password in its file: %s=%s", name, key, value)
			}
		}
		for on := range s.DependsOn {
			if _, ok := f.Services[on]; !ok {
				t.Errorf("%s waits for %s, which is no service", name, on)
			}
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if file, ok := strings.CutPrefix(source, "./"); ok {
				if _, err := os.Stat(filepath.Join(composeFolder, file)); err != nil {
					t.Error(err)
				}
			} else if _, ok := f.Volumes[source]; !ok {
				t.Errorf("%s wants the volume %s, which is not declared", name, source)
			}
		}
	}
	s := f.Services["identityd"]
	if s.User != "65532:65532" || !s.ReadOnly || len(s.Tmpfs) != 1 || !strings.HasPrefix(s.Tmpfs[0], "/tmp") {
		t.Errorf("got %+v, want the image's user in a read-only root with /tmp", s)
	}
	if d := cmp.Diff([]string{"127.0.0.1:3000:3000", "127.0.0.1:4444:4444", "127.0.0.1:4433:4433"}, s.Ports); d != "" {
		t.Errorf("the admin APIs are not to be published, and nothing is on other machines: %s", d)
	}
	if grace, err := time.ParseDuration(s.StopGrace); err != nil || grace < 15*time.Second {
		t.Errorf("got a stop after %s, want more than prestop and drain", s.StopGrace)
	}
}
