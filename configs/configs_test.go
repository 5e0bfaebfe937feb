package configs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/configs"
	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
)

func TestEveryStackFileLoads(t *testing.T) {
	files, err := fs.Glob(configs.FS(), "*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("got files %v and error %v, want five or more", files, err)
	}
	for _, name := range files {
		data, err := fs.ReadFile(configs.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name+" loads as it is", func(t *testing.T) { loads(t, string(data)) })
		t.Run(name+" loads with every option in use", func(t *testing.T) { loads(t, withOptions(string(data))) })
	}
}

// loads puts the files an operator mounts where the configuration looks for them: this machine has
// none of them.
func loads(t *testing.T, text string) config.Config {
	t.Helper()
	dir := t.TempDir()
	cert, key := pair(t)
	files := map[string]string{
		"stack.yaml": strings.ReplaceAll(text, "/run/secrets/", dir+"/"),
		"tls.crt":    cert, "tls.key": key, "smtp": "smtps://user:password@mail.example.com:465\n",
	}
	for i, secret := range []string{"hydra", "kratos", "system", "cookie", "cipher", "backend", "my-app", "google", "admin"} {
		files[secret] = strings.Repeat(string(rune('a'+i)), 8) + "q0Zt7LrJkP2sVwXyB4nM9cDf\n"
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load(config.Options{Dir: dir, CheckClaims: func(block map[string]map[string]any) []config.Problem {
		_, found := claims.Compile(block)
		var out []config.Problem
		for _, p := range found {
			out = append(out, config.Problem{Path: p.Path, Message: p.Message})
		}
		return out
	}})
	if err != nil || len(cfg.Warnings) > 0 {
		t.Errorf("got error %v and warnings %v", err, cfg.Warnings)
	}
	return cfg
}

// pair makes a certificate and its key.
func pair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// withOptions removes the # of each option: a line that begins with # and a word, and the indented
// ones below it.
func withOptions(text string) string {
	option := regexp.MustCompile(`^ *#[a-z_]+:`)
	var out []string
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		inside = option.MatchString(line) || inside && strings.HasPrefix(line, "#  ")
		if inside {
			line = strings.Replace(line, "#", "", 1)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestFilesToBeginWithSetTheirProfileAndOfferOptions(t *testing.T) {
	for _, profile := range []config.Profile{config.Development, config.Production} {
		t.Run("init for "+string(profile), func(t *testing.T) {
			data, err := fs.ReadFile(configs.FS(), "init."+string(profile)+".yaml")
			if err != nil {
				t.Fatal(err)
			}
			cfg := loads(t, withOptions(string(data)))
			if cfg.Profile != profile || len(cfg.Clients) != 1 || len(cfg.Claims) != 1 || len(cfg.CORS.Origins) != 1 ||
				len(cfg.Login.Providers) != 1 {
				t.Errorf("got profile %s and %d clients, %d claims, %d origins, %d providers, want %s and one of each",
					cfg.Profile, len(cfg.Clients), len(cfg.Claims), len(cfg.CORS.Origins), len(cfg.Login.Providers), profile)
			}
			usual, err := config.Load(config.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			// Options are shown with values that could be meant, and the rest with what applies anyway.
			if plain := loads(t, string(data)); profile == config.Development && !sameButFile(plain, usual) {
				t.Errorf("the file changes something:\n%s", diff(t, usual, plain))
			}
			sayWhatTheyMean(t, string(data))
		})
	}
}

func sameButFile(a, b config.Config) bool {
	a.Source, a.Dir, a.DataDir, a.Origins = b.Source, b.Dir, b.DataDir, b.Origins
	a.Database.URL = b.Database.URL
	return cmp.Equal(a, b)
}

func diff(t *testing.T, a, b config.Config) string {
	t.Helper()
	left, err := a.YAML()
	if err != nil {
		t.Fatal(err)
	}
	right, err := b.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return cmp.Diff(string(left), string(right))
}

// sayWhatTheyMean sees to it that a comment stands above each section.
func sayWhatTheyMean(t *testing.T, text string) {
	t.Helper()
	top := regexp.MustCompile(`^#?[a-z_]+:`)
	before := ""
	for line := range strings.SplitSeq(text, "\n") {
		if top.MatchString(line) && !strings.HasPrefix(before, "#") {
			t.Errorf("no comment above %q", line)
		}
		before = line
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
