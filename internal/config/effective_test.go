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

func effective(t *testing.T, text, salt string) map[string]config.Effective {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"stack.yaml": text, "css": "a { color: red }"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(config.Options{File: filepath.Join(dir, "stack.yaml"), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Effective(salt)
	if err != nil {
		t.Fatal(err)
	}
	// As it comes from a running process.
	raw, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	var over map[string]config.Effective
	if err := json.Unmarshal(raw, &over); err != nil {
		t.Fatal(err)
	}
	return over
}

func TestDiffTellsWhatIsInEffectAnother(t *testing.T) {
	const base = "profile: development\ndata_dir: /data\nlogging: { level: info }\n" +
		"clients: [{ id: shop, secret: a-secret-that-is-long-enough-to-be-one, redirect_uris: ['https://shop.example.com/cb'] }]\n"
	for name, tt := range map[string]struct {
		text string
		want []config.Difference
	}{
		"the same, written otherwise": {strings.Replace(base, "{ level: info }", "\n  level: info", 1), nil},
		"a default that is written":   {base + "session: { lifespan: 30d }\n", nil},
		"a value": {strings.Replace(base, "level: info", "level: debug", 1), []config.Difference{
			{Word: "logging.level", Path: "logging.level", Old: "info", New: "debug"},
		}},
		"a secret": {strings.Replace(base, "a-secret", "b-secret", 1), []config.Difference{
			{Word: "clients", Path: "clients", Hidden: true},
		}},
		"a part of one of a list": {strings.Replace(base, "com/cb", "com/callback", 1), []config.Difference{
			{
				Word: "clients", Path: "clients[shop].redirect_uris",
				Old: []any{"https://shop.example.com/cb"}, New: []any{"https://shop.example.com/callback"},
			},
		}},
		"a key of an engine": {base + "hydra: { ttl: { login_consent_request: 20m } }\n", []config.Difference{
			{Word: "hydra", Path: "hydra.ttl", New: map[string]any{"login_consent_request": "20m"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := config.Diff(effective(t, base, "salt"), effective(t, tt.text, "salt"))
			for i, d := range got {
				if d.Hidden {
					got[i].Old, got[i].New = nil, nil
				}
			}
			if diff := cmp.Diff(append([]config.Difference{}, tt.want...), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if raw, err := json.Marshal(got); err != nil || strings.Contains(string(raw), "secret-that-is-long") {
				t.Errorf("got %s, %v, which has the secret", raw, err)
			}
		})
	}
}

func TestDigestsOfAnotherSaltSayNothing(t *testing.T) {
	const text = "profile: development\n"
	a, b := effective(t, text, "one"), effective(t, text, "other")
	for word := range a {
		if a[word].Digest == b[word].Digest {
			t.Errorf("%s: got the same digest with another salt", word)
		}
	}
}
