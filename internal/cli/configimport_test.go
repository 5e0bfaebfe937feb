package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

// quickstart is a file of an engine's own, from the module cache.
func quickstart(t *testing.T, engine string, parts ...string) string {
	t.Helper()
	module := map[string]string{"hydra": "github.com/ory/hydra/v2", "kratos": "github.com/ory/kratos"}[engine]
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Fatalf("the sources of %s, of which this test is made, are not in the module cache: %v", module, err)
	}
	file := filepath.Join(append([]string{dir}, parts...)...)
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("the quick start of %s has moved: %v", engine, err)
	}
	return file
}

func fixture(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{"testdata"}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// imported imports into an empty folder and returns the report.
func imported(t *testing.T, args ...string) importReport {
	t.Helper()
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, append([]string{"config", "import", "--json"}, args...)...)
	if code != exitOK {
		t.Fatalf("got exit code %d and %s", code, stderr)
	}
	var report importReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("reading the report: %v\n%s", err, stdout)
	}
	if !report.Complete || !report.Wrote {
		t.Errorf("got complete %t and written %t, want both", report.Complete, report.Wrote)
	}
	return report
}

func TestTheQuickStartsAreImported(t *testing.T) {
	hydraFile := func(t *testing.T) string {
		return quickstart(t, "hydra", "contrib", "quickstart", "5-min", "hydra.yml")
	}
	for _, name := range []string{"email-password", "all-strategies", "passkey", "webauthn", "phone-password", "cloud"} {
		t.Run("of Hydra and Kratos, "+name, func(t *testing.T) {
			at := []string{"contrib", "quickstart", "kratos", name}
			files := []string{hydraFile(t), quickstart(t, "kratos", append(at, "kratos.yml")...), quickstart(t, "kratos", append(at, "identity.schema.json")...)}
			report := imported(t, files...)
			sameSettings(t, report, files[:2])
		})
	}
	t.Run("of a deployment in production", func(t *testing.T) {
		at := filepath.Join("..", "translate", "testdata", "full")
		files := []string{fixture(t, "..", at, "hydra.yml"), fixture(t, "..", at, "kratos.yml")}
		report := imported(t, files...)
		if report.Profile != "production" {
			t.Errorf("got the profile %s, want production", report.Profile)
		}
		sameSettings(t, report, files)
		if info, err := os.Stat("stack.yaml"); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("stack.yaml holds the password of a web hook: got %v and %v, want 0600", info, err)
		}
	})
	t.Run("with their compose files", func(t *testing.T) {
		files := []string{
			hydraFile(t), quickstart(t, "hydra", "quickstart.yml"), quickstart(t, "hydra", "quickstart-postgres.yml"), quickstart(t, "hydra", "quickstart-jwt.yml"),
			quickstart(t, "kratos", "contrib", "quickstart", "kratos", "email-password", "kratos.yml"),
			quickstart(t, "kratos", "contrib", "quickstart", "kratos", "email-password", "identity.schema.json"),
			quickstart(t, "kratos", "quickstart.yml"), quickstart(t, "kratos", "quickstart-postgres.yml"),
		}
		imported(t, files...)
		cfg, err := config.Load(config.Options{File: "stack.yaml", Dir: "."})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(cfg.Database.URL.Reveal(), cfg.Database.Hydra.User, cfg.Database.Hydra.Password.Reveal(), cfg.Database.Kratos.Name, cfg.Database.Pool.MaxOpen, cfg.Tokens.Format)
		want := fmt.Sprint("postgres://postgresd:5432/postgres?sslmode=disable", "hydra", "secret", "kratos", 20, "jwt")
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestTheGuideIsImported(t *testing.T) {
	files := []string{fixture(t, "guide", "hydra.yml"), fixture(t, "guide", "kratos.yml"), fixture(t, "guide", "identity.schema.json")}
	report := imported(t, files...)
	sameSettings(t, report, files[:2])
	for _, name := range []string{"system", "cookie", "cipher", "database-hydra", "database-kratos"} {
		info, err := os.Stat(filepath.Join("stack-files", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the secret %s: got %v and %v, want a file of 0600", name, info, err)
		}
	}
	written, err := os.ReadFile("stack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	everything, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hydra-password", "kratos-password", "a-very-long"} {
		if strings.Contains(string(written)+string(everything), secret) {
			t.Errorf("%s is in stack.yaml or in the report", secret)
		}
	}
	cfg, err := config.Load(config.Options{File: "stack.yaml", Dir: "."})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{cfg.URLs.UI, cfg.URLs.Hydra, cfg.URLs.Kratos, cfg.Secrets.System[1].Reveal(), cfg.Secrets.Cookie[1].Reveal(), cfg.Database.Kratos.Password.Reveal()}
	want := []string{
		"http://localhost:3000", "http://localhost:4444/", "http://localhost:4433", "a-very-long-secret-of-the-guide",
		"a-very-long-cookie-secret-of-it", "kratos-password",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was imported (-want +got):\n%s", diff)
	}
	// The second time everything is there.
	code, _, stderr := run(t, nil, append([]string{"config", "import"}, files...)...)
	if code != exitFailure || !strings.Contains(stderr, "it is there already") {
		t.Errorf("got exit code %d and %q, want a refusal to overwrite", code, stderr)
	}
	if code, _, stderr := run(t, nil, append([]string{"config", "import", "--force"}, files...)...); code != exitOK {
		t.Errorf("--force: got exit code %d and %q", code, stderr)
	}
}

func TestWhatCannotBeImportedIsSaidAtOnce(t *testing.T) {
	cases := map[string]struct {
		files map[string]string
		args  []string
		code  int
		want  []string
	}{
		"a mistyped key names the nearest": {
			map[string]string{"hydra.yml": "urls: {self: {isuer: http://localhost:4444}}\nttl: {acces_token: 1h}\n"},
			[]string{"hydra.yml"},
			exitFailure,
			[]string{"urls.self.isuer is no key of hydra; did you mean urls.self.issuer?", "did you mean ttl.access_token?"},
		},
		"a mistyped key in a list too": {
			map[string]string{"kratos.yml": "selfservice: {methods: {oidc: {config: {providers: [{id: x, provider: google, client_idd: y}]}}}}\n"},
			[]string{"kratos.yml"},
			exitFailure,
			[]string{"providers[].client_idd is no key of kratos; did you mean selfservice.methods.oidc.config.providers[].client_id?"},
		},
		"MySQL is not run on": {
			map[string]string{"hydra.yml": "dsn: mysql://root:secret@tcp(db:3306)/hydra\nurls: {self: {issuer: http://localhost:4444}}\n"},
			[]string{"hydra.yml"},
			exitFailure,
			[]string{"dsn is mysql, which identityd does not run on"},
		},
		"one database for both is explained": {
			map[string]string{
				"hydra.yml":  "dsn: postgres://u:hunter2@db/ory\nurls: {self: {issuer: http://localhost:4444}}\n",
				"kratos.yml": "dsn: postgres://u:hunter2@db/ory\nselfservice: {}\n",
			},
			[]string{"hydra.yml", "kratos.yml"},
			exitFailure,
			[]string{"networks and schema_migration"},
		},
		"a schema in a container is asked for": {
			map[string]string{"kratos.yml": "identity: {default_schema_id: a, schemas: [{id: a, url: file:///nowhere/at/all.json}]}\n"},
			[]string{"kratos.yml"},
			exitFailure,
			[]string{"give the file as an argument of its own"},
		},
		"nothing is fetched by itself": {
			map[string]string{"kratos.yml": "identity: {default_schema_id: a, schemas: [{id: a, url: 'https://example.com/a.json'}]}\n"},
			[]string{"kratos.yml"},
			exitFailure,
			[]string{"nothing is fetched without --fetch"},
		},
		"two files of one engine":         {map[string]string{"hydra.yml": "urls: {}\n", "hydra2.yml": "urls: {}\n"}, []string{"hydra.yml", "hydra2.yml"}, exitConfig, []string{"a second file of hydra"}},
		"no files at all":                 {nil, nil, exitConfig, []string{"wants the files of the engines"}},
		"a profile that there is not":     {map[string]string{"hydra.yml": "urls: {}\n"}, []string{"hydra.yml", "--profile", "staging"}, exitConfig, []string{`got "staging"`}},
		"a variable that stands for none": {map[string]string{"a.env": "SERVE_PUBLIC_PROT=4444\n"}, []string{"--env-file", "hydra=a.env"}, exitFailure, []string{"did you mean SERVE_PUBLIC_PORT?"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := run(t, c.files, append([]string{"config", "import"}, c.args...)...)
			if code != c.code {
				t.Errorf("got exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr does not say %q:\n%s", want, stderr)
				}
			}
			if strings.Contains(stdout+stderr, "hunter2") {
				t.Error("a password was printed")
			}
			if _, err := os.Stat("stack.yaml"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("stack.yaml was written all the same (%v)", err)
			}
		})
	}
}

func TestChoicesOfAnImport(t *testing.T) {
	schema, err := os.ReadFile(fixture(t, "guide", "identity.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(schema) }))
	defer server.Close()
	files := map[string]string{
		"hydra.yml": "urls: {self: {issuer: 'http://localhost:4444/'}, login: 'http://localhost:3000/login'}\nsecrets: {system: [q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]}\n",
		"kratos.yml": "serve: {public: {base_url: 'http://localhost:4433/'}}\nselfservice: {flows: {login: {ui_url: 'http://localhost:3000/login'}}}\n" +
			"identity: {default_schema_id: person, schemas: [{id: person, url: '" + server.URL + "/person.json'}]}\n",
	}
	load := func(t *testing.T, args ...string) config.Config {
		t.Helper()
		t.Chdir(t.TempDir())
		code, _, stderr := run(t, files, append([]string{"config", "import", "hydra.yml", "kratos.yml", "--fetch"}, args...)...)
		if code != exitOK {
			t.Fatalf("got exit code %d and %s", code, stderr)
		}
		cfg, err := config.Load(config.Options{File: "stack.yaml", Dir: "."})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	t.Run("a schema is fetched when that is asked for", func(t *testing.T) {
		cfg := load(t)
		if got := cfg.Identity.Schemas["person"]; cfg.Identity.Schema != "person" || !strings.HasSuffix(got, "stack-files/identity.person.schema.json") {
			t.Errorf("got the schema %s at %s", cfg.Identity.Schema, got)
		}
		if cfg.URLs.Kratos != "http://localhost:4433" || cfg.Origin != "" {
			t.Errorf("got the addresses %+v and origin %q, want three", cfg.URLs, cfg.Origin)
		}
	})
	t.Run("everything goes under the issuer", func(t *testing.T) {
		if cfg := load(t, "--one-origin"); cfg.Origin != "http://localhost:4444/" || cfg.URLs.UI != "" || cfg.Listen.UI.Port() != 4444 {
			t.Errorf("got origin %q, %+v and listen.ui %s", cfg.Origin, cfg.URLs, cfg.Listen.UI)
		}
	})
	t.Run("secrets are in stack.yaml, which is for its owner", func(t *testing.T) {
		cfg := load(t, "--inline-secrets")
		info, err := os.Stat("stack.yaml")
		if err != nil || info.Mode().Perm() != 0o600 || cfg.Secrets.SystemFile != "" || cfg.Secrets.System[0].Reveal() != "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T" {
			t.Errorf("got %v (%v) and secrets of %q", info, err, cfg.Secrets.SystemFile)
		}
	})
	t.Run("production is asked for", func(t *testing.T) {
		if cfg := load(t, "--profile", "production"); cfg.Profile != config.Production || len(cfg.Secrets.Cookie) != 1 {
			t.Errorf("got the profile %s with %d secrets for cookies", cfg.Profile, len(cfg.Secrets.Cookie))
		}
	})
}

func TestADryRunWritesNothing(t *testing.T) {
	files := []string{fixture(t, "guide", "hydra.yml"), fixture(t, "guide", "kratos.yml"), fixture(t, "guide", "identity.schema.json")}
	t.Chdir(t.TempDir())
	code, stdout, stderr := run(t, nil, append([]string{"config", "import", "--dry-run"}, files...)...)
	left, err := os.ReadDir(".")
	if code != exitOK || err != nil || len(left) > 0 || !strings.Contains(stdout, "would write stack.yaml") {
		t.Errorf("got exit code %d, files %v (%v), stderr %q and stdout %s", code, left, err, stderr, stdout)
	}
	if !slices.ContainsFunc(strings.Split(stdout, "\n"), func(l string) bool { return strings.Contains(l, "hydra urls.self.issuer") }) {
		t.Error("the report does not name every key")
	}
}
