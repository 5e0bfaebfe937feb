package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

func TestProviders(t *testing.T) {
	cfg := load(t, config.Options{File: "testdata/ok/providers.yaml"})
	t.Run("what is not said is that of the preset", func(t *testing.T) {
		got := map[string][]string{}
		for _, p := range cfg.Login.Providers {
			got[p.ID] = append([]string{p.Preset, p.Name}, p.Scopes...)
		}
		want := map[string][]string{
			"google":    {"google", "Google", "openid", "profile", "email"},
			"work":      {"oidc", "Work", "openid", "email"},
			"microsoft": {"microsoft", "Microsoft", "openid", "profile", "email"},
			"apple":     {"apple", "Apple", "name", "email"},
			"gitlab":    {"gitlab", "Our GitLab", "openid", "profile", "email"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("providers differ (-want +got):\n%s", diff)
		}
	})
	t.Run("secrets come from their files", func(t *testing.T) {
		if cfg.Login.Providers[0].ClientSecret.Empty() || !strings.Contains(cfg.Login.Providers[3].Key().Reveal(), "PRIVATE KEY") {
			t.Error("got an empty secret or key")
		}
	})
	t.Run("what is shown names the address to register, and no secret", func(t *testing.T) {
		shown, err := cfg.YAML()
		if err != nil {
			t.Fatal(err)
		}
		want := "# callback address to register: https://accounts.example.com/self-service/methods/oidc/callback/work"
		if !strings.Contains(string(shown), want) {
			t.Errorf("got no line %q in\n%s", want, shown)
		}
		if strings.Contains(string(shown), leak) || strings.Contains(string(shown), "PRIVATE KEY") {
			t.Errorf("a secret is shown:\n%s", shown)
		}
	})
}
