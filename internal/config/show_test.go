package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

func TestTheConfigurationIsShownWithItsOrigins(t *testing.T) {
	cfg := load(t, config.Options{
		File: "testdata/ok/production.yaml", Set: map[string]string{"tokens.access": "10m"},
		Environ: []string{
			"IDENTITYD_LISTEN_UI=unix:/run/ui.sock", "IDENTITYD_LISTEN_OPS=off", "IDENTITYD_CORS_ORIGINS=https://a.example.com",
			"IDENTITYD_HYDRA_FILE=../show/hydra.yaml", "IDENTITYD_KRATOS_FILE=../show/kratos.yaml", "IDENTITYD_UI_FILE=",
		},
	})
	shown, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), leak) {
		t.Errorf("a secret is shown:\n%s", shown)
	}
	here, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(string(shown), here, "TESTDATA")
	const golden = "testdata/show/production.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what is shown differs (-want +got):\n%s", diff)
	}
}

func TestWhatIsShownCanBeLoaded(t *testing.T) {
	dir := write(t, map[string]string{"stack.yaml": `
profile: development
region: "5"
data_dir: "with: colon"
listen: {gateway: "off", ops: "off"}
claims: {profile: {nick: traits.nick, name: , x: {from: traits.x, access_token: true}}}
clients: [{id: a, redirect_uris: ["http://localhost/cb"]}]
return_to: ["https://*.example.com", "https://a.example.com/,b/"]
identity: {schemas: {}}
hydra: {ttl: {access_token: 1h}, "oauth2.hashers.algorithm": bcrypt, n: 5, f: 0.5, list: [{a: 1}, two], note: "two\nlines"}
`})
	shown, err := load(t, config.Options{Dir: dir}).YAML()
	if err != nil {
		t.Fatal(err)
	}
	again := write(t, map[string]string{"stack.yaml": string(shown)})
	cfg := load(t, config.Options{Dir: again})
	twice, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	origin := strings.NewReplacer(" # default", "", " # file", "")
	if diff := cmp.Diff(origin.Replace(string(shown)), origin.Replace(string(twice))); diff != "" {
		t.Errorf("what was shown loads as something else:\n%s", diff)
	}
	if cfg.Region != "5" || !cfg.Listen.Ops.Off() || cfg.Hydra["note"] != "two\nlines" {
		t.Errorf("got region %q, ops %s and note %q", cfg.Region, cfg.Listen.Ops, cfg.Hydra["note"])
	}
}

func TestTheConfigurationIsShownAsJSON(t *testing.T) {
	dir := write(t, map[string]string{"stack.yaml": "profile: development\nmail: {smtp_url: 'smtps://u:hunter2@mail', from: a@example.com}\n"})
	out, err := load(t, config.Options{Dir: dir}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Source   string
		Settings struct {
			Mail   map[string]string
			Listen map[string]string
		}
		Origins map[string]string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), leak) {
		t.Errorf("a secret is shown:\n%s", out)
	}
	values := []string{
		got.Source, got.Settings.Mail["smtp_url"], got.Settings.Listen["gateway"], got.Origins["mail.smtp_url"], got.Origins["listen.gateway"],
	}
	want := []string{filepath.Join(dir, "stack.yaml"), "smtps://***@mail:465", "localhost:3000", "file", "default"}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("JSON differs (-want +got):\n%s", diff)
	}
}
