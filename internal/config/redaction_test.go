package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/config"
)

func TestNothingPrintsASecret(t *testing.T) {
	dir := write(t, map[string]string{"stack.yaml": `
profile: development
database:
  url: postgres://u:hunter2@db:5432/postgres?sslpassword=hunter2
  hydra: {password: hunter2, user: u}
  kratos: {url: "postgres://u:hunter2@db/kratos"}
secrets: {system: [hunter2-hunter2-hunter2-hunter2!], cookie: [hunter2+hunter2-hunter2-hunter2!]}
hydra: {oauth2: {pairwise: {salt: hunter2}}}
kratos: {courier: {http: {request_config: {url: "https://u:hunter2@mail"}}}, list: [hunter2]}
mail: {smtp_url: "smtps://hunter2:hunter2@mail?server_name=hunter2"}
clients: [{id: a, secret: hunter2-hunter2-hunter2, redirect_uris: ["http://localhost/cb"]}]
`})
	cfg := load(t, config.Options{Dir: dir})
	if got := cfg.Database.Hydra.Password.Reveal(); got != leak {
		t.Fatalf("got password %q, want %q: the test would prove nothing", got, leak)
	}
	type holder struct{ secret config.Secret }
	for name, v := range map[string]any{
		"config": cfg, "pointer to config": &cfg, "secret": cfg.Database.Hydra.Password, "dsn": cfg.Database.URL,
		"secrets": cfg.Secrets.System, "settings": cfg.Kratos, "database": cfg.Database,
		"unexported field": holder{cfg.Database.Hydra.Password}, "warnings": cfg.Warnings,
		"mail": cfg.Mail, "clients": cfg.Clients, "bad mail server": config.NewSMTPURL("smtp://hunter2@x@y"),
		"unknown mail server": config.NewSMTPURL("hunter2://hunter2@mail"),
		"bad dsn":             config.NewDSN("postgres://u:hun/ter2hunter2@db"), "unknown dsn": config.NewDSN("hunter2"),
	} {
		t.Run("a "+name+" prints without its secrets", func(t *testing.T) {
			for how, text := range render(t, v) {
				if strings.Contains(text, leak) || strings.Contains(text, fmt.Sprintf("%x", leak)) {
					t.Errorf("%s prints the secret:\n%s", how, text)
				}
			}
		})
	}
}

func render(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var text, lines bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("dump", "value", v)
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("dump", "value", v)
	out["json"], out["yaml"], out["slog text"], out["slog json"] = string(asJSON), string(asYAML), text.String(), lines.String()
	return out
}
