package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

const leavingSecrets = `
secrets:
  system: [sys-Zk3vQp8rTm1wXc6nBd9fHj2LgYs4]
  cookie: [coo-Zk3vQp8rTm1wXc6nBd9fHj2LgYs4, old-Zk3vQp8rTm1wXc6nBd9fHj2LgYs4]
  cipher: [cip-Zk3vQp8rTm1wXc6nBd9fHj2LgYs4]
`

func leavingConfigs() map[string]string {
	return map[string]string{
		"one origin in development": "profile: development\norigin: http://localhost:3000\n" + leavingSecrets,
		"one origin in production": `profile: production
origin: https://id.example.com
database: {url: "postgres://identityd:hunter2@db.example.com/postgres?sslmode=require"}
mail: {smtp_url: "smtps://me:hunter2@mail.example.com:465", from: id@example.com, reply_to: help@example.com, style: link}
tokens: {access: 10m, refresh: 240h, format: jwt, refresh_grace: 30s}
session: {lifespan: 48h, privileged: 5m, remember: never}
login:
  first: {style: identifier_first, code: {enabled: true}, password: {min_length: 14}}
  second: {security_key: {enabled: false}}
  providers: [{id: google, client_id: shop, client_secret: hunter2-of-the-provider}]
registration: {steps: two}
return_to: ["https://shop.example.com/"]
cors: {origins: ["https://shop.example.com"]}
claims: {crm: {department: {from: traits.department}}}
kratos:
  selfservice: {flows: {login: {lifespan: 25m}}}
hydra:
  ttl: {login_consent_request: 20m}
  oidc: {subject_identifiers: {supported_types: [public, pairwise], pairwise: {salt: a-salt-that-nobody-knows}}}
` + leavingSecrets,
		"three addresses in production": `profile: production
urls: {ui: "https://login.example.com", hydra: "https://oauth.example.com/", kratos: "https://kratos.example.com"}
listen: {ui: ":3000", hydra_public: ":4444", kratos_public: ":4433"}
database: {url: "cockroach://identityd:hunter2@db.example.com:26257/defaultdb?sslmode=require"}
identity: {schema: username, verification: optional}
registration: {mode: closed}
` + leavingSecrets,
	}
}

// TestLeavingAndComingBack ejects, imports what was written, and compares what the engines are given.
func TestLeavingAndComingBack(t *testing.T) {
	for name, text := range leavingConfigs() {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("stack.yaml", []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := run(t, nil, "eject", "ory", "--yes", "--json")
			if code != exitOK {
				t.Fatalf("got exit code %d and %s", code, stderr)
			}
			var said ejected
			if err := json.Unmarshal([]byte(stdout), &said); err != nil {
				t.Fatal(err)
			}
			code, _, stderr = run(t, nil, "config", "import", "ory/hydra.yml", "ory/hydra.secrets.yml", "ory/kratos.yml", "ory/kratos.secrets.yml", "--out", "back.yaml")
			if code != exitOK {
				t.Fatalf("importing: got exit code %d and %s", code, stderr)
			}
			sameEngines(t, "stack.yaml", "back.yaml")
			onlySecretsAreSecret(t, said)
			wellFormed(t)
		})
	}
}

// sameEngines compares every key that either is given.
func sameEngines(t *testing.T, before, after string) {
	t.Helper()
	of := func(file string) map[string]map[string]any {
		cfg, err := config.Load(config.Options{File: file, Dir: "."})
		if err != nil {
			t.Fatal(err)
		}
		h, k, err := stack.EngineSettings(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]map[string]any{"hydra": h, "kratos": k}
	}
	was, is := of(before), of(after)
	compared := 0
	for engine, keys := range was {
		for key := range is[engine] {
			if _, there := keys[key]; !there {
				keys[key] = nil
			}
		}
		for key, value := range keys {
			if got, want := normal(is[engine][key]), normal(value); got != want && !lostOnTheWay(key+"="+strings.Trim(want, "\"")) {
				t.Errorf("%s %s was %s, and is %s", engine, key, want, got)
			}
			compared++
		}
	}
	if compared < 100 {
		t.Errorf("only %d keys were compared", compared)
	}
}

// lostOnTheWay are the keys that cannot be the same, and why.
func lostOnTheWay(key string) bool {
	for _, one := range []string{
		"webfinger.oidc_discovery.supported_", // claims are a loss: what their words announce is
		"oauth2.allowed_top_level_claims",
		"courier.smtp.connection_uri=smtp://127.0.0.1:1025", // the inbox is identityd's
	} {
		if strings.HasPrefix(key, one) {
			return true
		}
	}
	return false
}

// onlySecretsAreSecret looks for each secret in every file that others may read.
func onlySecretsAreSecret(t *testing.T, said ejected) {
	t.Helper()
	sealed := 0
	for _, name := range said.Files {
		path := filepath.Join(said.Folder, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() == 0o600 {
			sealed++
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "Zk3vQp8rTm1wXc6nBd9fHj2LgYs4", "a-salt-that"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s, of mode %s, holds a secret", name, info.Mode())
			}
		}
	}
	if sealed != 3 {
		t.Errorf("got %d files of mode 0600, want hydra.secrets.yml, kratos.secrets.yml and pages.env", sealed)
	}
}

// wellFormed holds the compose file to what the specification of such files asks of these keys.
func wellFormed(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile("ory/compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Image     string
			Command   []string
			Volumes   []string
			DependsOn map[string]struct{ Condition string } `yaml:"depends_on"`
			Network   string                                `yaml:"network_mode"`
			EnvFile   []string                              `yaml:"env_file"`
			Restart   string
			User      string
			Dir       string `yaml:"working_dir"`
		}
		Name string
	}
	d := yaml.NewDecoder(strings.NewReader(string(raw)))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		t.Fatalf("reading compose.yml: %v", err)
	}
	for name, service := range file.Services {
		if service.Image == "" || service.Network != "host" {
			t.Errorf("%s has the image %q on the network %q", name, service.Image, service.Network)
		}
		for other, on := range service.DependsOn {
			if _, there := file.Services[other]; !there || !slices.Contains([]string{"service_started", "service_completed_successfully"}, on.Condition) {
				t.Errorf("%s depends on %s by %q", name, other, on.Condition)
			}
		}
		for i, arg := range service.Command {
			if arg == "--config" {
				if _, err := os.Stat(filepath.Join("ory", service.Command[i+1])); err != nil {
					t.Errorf("%s reads a file that was not written: %v", name, err)
				}
			}
		}
		for _, file := range service.EnvFile {
			if _, err := os.Stat(filepath.Join("ory", file)); err != nil {
				t.Errorf("%s reads an environment that was not written: %v", name, err)
			}
		}
	}
	for _, want := range []string{"hydra", "kratos", "pages", "hydra-migrate", "kratos-migrate"} {
		if _, there := file.Services[want]; !there {
			t.Errorf("there is no service %s", want)
		}
	}
}

func TestEjectTouchesNothingThatIsThere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("stack.yaml", []byte(leavingConfigs()["one origin in production"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, nil, "eject", "ory"); code != exitConfig || !strings.Contains(stderr, "--yes") {
		t.Errorf("without --yes: got exit code %d and %s", code, stderr)
	}
	if code, stdout, _ := run(t, nil, "eject", "ory", "--dry-run"); code != exitOK || !strings.Contains(stdout, "nothing was written") {
		t.Errorf("with --dry-run: got exit code %d and %s", code, stdout)
	}
	if _, err := os.Stat("ory"); err == nil {
		t.Error("a folder was made")
	}
	if err := os.MkdirAll("ory", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("ory/mine.txt", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, nil, "eject", "ory", "--yes"); code == exitOK || !strings.Contains(stderr, "mine.txt") {
		t.Errorf("into a folder with a file: got exit code %d and %s", code, stderr)
	}
}
