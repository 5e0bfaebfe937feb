package configs_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/configs"
	"example.com/identityd/internal/config"
)

func TestEveryStackFileLoads(t *testing.T) {
	files, err := fs.Glob(configs.FS(), "stack*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("got files %v and error %v, want three or more", files, err)
	}
	for _, name := range files {
		t.Run(name+" loads", func(t *testing.T) {
			data, err := fs.ReadFile(configs.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			// The files an operator mounts; this machine has none of them.
			for i, secret := range []string{"hydra", "kratos", "system", "cookie", "cipher"} {
				content := strings.Repeat(string(rune('a'+i)), 8) + "q0Zt7LrJkP2sVwXyB4nM9cDf"
				if err := os.WriteFile(filepath.Join(dir, secret), []byte(content+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text := strings.ReplaceAll(string(data), "/run/secrets/", dir+"/")
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Load(config.Options{File: name, Dir: dir})
			if err != nil || len(cfg.Warnings) > 0 {
				t.Errorf("got error %v and warnings %v", err, cfg.Warnings)
			}
		})
	}
}

func TestIdentitySchemas(t *testing.T) {
	type trait struct {
		Title  string `json:"title"`
		Kratos struct {
			Credentials  map[string]map[string]any `json:"credentials"`
			Verification map[string]string         `json:"verification"`
			Recovery     map[string]string         `json:"recovery"`
		} `json:"ory.sh/kratos"`
	}
	type schema struct {
		ID         string `json:"$id"`
		Properties struct {
			Traits struct {
				Properties map[string]trait `json:"properties"`
				Required   []string         `json:"required"`
				Additional *bool            `json:"additionalProperties"`
			} `json:"traits"`
		} `json:"properties"`
	}
	password := map[string]any{"identifier": true}
	for preset, identifier := range map[string]string{"email-v1": "email", "username-v1": "username"} {
		t.Run("the preset "+preset+" signs in by its identifier and recovers by email", func(t *testing.T) {
			data, err := fs.ReadFile(configs.FS(), "identity."+preset+".schema.json")
			if err != nil {
				t.Fatal(err)
			}
			var s schema
			if err := json.Unmarshal(data, &s); err != nil {
				t.Fatal(err)
			}
			traits := s.Properties.Traits
			if diff := cmp.Diff([]string{identifier}, traits.Required); diff != "" {
				t.Errorf("required traits differ (-want +got):\n%s", diff)
			}
			if traits.Additional == nil || *traits.Additional {
				t.Error("got open traits, want additionalProperties: false")
			}
			if diff := cmp.Diff(password, traits.Properties[identifier].Kratos.Credentials["password"]); diff != "" {
				t.Errorf("password identifier differs (-want +got):\n%s", diff)
			}
			email := traits.Properties["email"].Kratos
			if email.Verification["via"] != "email" || email.Recovery["via"] != "email" {
				t.Errorf("got verification %v and recovery %v, want both via email", email.Verification, email.Recovery)
			}
			for name, one := range traits.Properties {
				if one.Title == "" {
					t.Errorf("trait %s has no title, which is its label on the page", name)
				}
			}
		})
	}
}
