package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/translate"
)

// sameSettings compares what the engines had with what identityd gives them, for every key that the report calls
// translated or kept.
func sameSettings(t *testing.T, report importReport, files []string) {
	t.Helper()
	cfg, err := config.Load(config.Options{File: report.Stack, Dir: "."})
	if err != nil {
		t.Fatal(err)
	}
	h, k, err := stack.EngineSettings(cfg)
	if err != nil {
		t.Fatal(err)
	}
	now := map[string]map[string]any{"hydra": h, "kratos": k}
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		values, err := translate.Parse(file, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range report.Keys {
			if key.Source != file || key.Fate == translate.Dropped || changedOnPurpose(key.Path) {
				continue
			}
			if strings.HasPrefix(key.Path, "tracing.") && len(key.To) == 1 && strings.HasPrefix(key.To[0], "tracing.") {
				continue // identityd traces, and the engines do not (docs/adr/0074-traces.md)
			}
			path := key.Path
			if key.Now != "" {
				path = key.Now
			}
			before, after := normal(at(values, key.Path)), normal(under(now[key.Engine], path))
			if after == "null" && strings.HasSuffix(path, ".use") {
				after = `"code"` // the engine's own default
			}
			if key.Path == "selfservice.flows.settings.required_aal" || key.Path == "session.whoami.required_aal" {
				if before == `"aal1"` {
					continue // who set up a second factor is asked for it, which a note says
				}
			}
			if before == `"-1"` {
				before = (3650 * 24 * time.Hour).String() // for ever is ten years
			}
			if before != after {
				t.Errorf("%s: %s was %s, and is %s", key.Engine, key.Path, before, after)
			}
			compared++
		}
	}
	if compared == 0 {
		t.Error("no setting was compared")
	}
}

// changedOnPurpose are the keys whose word says the same by another value: addresses of the pages, which are ours,
// files in place of texts, and lists that grow.
func changedOnPurpose(path string) bool {
	for _, one := range []string{
		"urls.login", "urls.consent", "urls.logout", "ui_url", "dsn", "secrets.", "identity.", "courier.smtp.connection_uri", "allowed_return_urls",
		"log.level", "log.format", "serve.public.port", "serve.admin.port", "serve.public.base_url", "issuer", "dev", "hooks", "rp.", "passwordless", "passkey.enabled",
		"cookies.domain", "allowed_origins", "allow_termination_from", "private_ip_exception_urls", "oidc.config.providers",
	} {
		if strings.Contains(path, one) {
			return true
		}
	}
	return false
}

func at(values map[string]any, path string) any {
	name, rest, deeper := strings.Cut(path, ".")
	v := values[name]
	if m, ok := v.(map[string]any); ok && deeper {
		return at(m, rest)
	}
	return v
}

// under returns what is set at a path, which a map may be in the form of its leaves.
func under(settings map[string]any, path string) any {
	if v, ok := settings[path]; ok {
		return v
	}
	var out map[string]any
	for name, v := range settings {
		if rest, ok := strings.CutPrefix(name, path+"."); ok {
			if out == nil {
				out = map[string]any{}
			}
			out[rest] = v
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// normal makes values comparable: durations by their length, lists by their items.
func normal(v any) string {
	if s, ok := v.(string); ok {
		if d, err := time.ParseDuration(s); err == nil {
			return d.String()
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
