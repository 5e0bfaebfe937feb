package config_test

import (
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

// TestWhatOnlyOpensIsAWarning: secrets that come from engines of their own are taken along, or nothing that they
// sealed could be read; a new one stands before them.
func TestWhatOnlyOpensIsAWarning(t *testing.T) {
	good := func(first string) string { return first + "0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T" }
	const old = "youReallyNeedToChangeThis"
	production := map[string]string{
		"profile": "production", "origin": "https://id.example.com", "identity.verification": "optional", "database.url": "sqlite://./d",
		"secrets.system": good("q") + "," + old, "secrets.cookie": good("A") + "," + old, "secrets.cipher": good("B"),
	}
	cfg, err := config.Load(config.Options{Dir: t.TempDir(), Set: production})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, w := range cfg.Warnings {
		said = append(said, w.Path+": "+w.Message)
	}
	for _, want := range []string{"secrets.system[1]: has 25 bytes", "secrets.cookie[1]: must differ from those of secrets.system"} {
		if !strings.Contains(strings.Join(said, "\n"), want) {
			t.Errorf("no warning %q in:\n%s", want, strings.Join(said, "\n"))
		}
	}
	production["secrets.system"] = old + "," + good("q")
	if _, err := config.Load(config.Options{Dir: t.TempDir(), Set: production}); err == nil || !strings.Contains(err.Error(), "secrets.system[0]: must be exactly 32 bytes") {
		t.Errorf("a short secret that seals was taken: %v", err)
	}
}
