package kratos

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	kx "github.com/ory/kratos/x"
	"github.com/ory/x/corsx"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/tried"
)

// What the engines would let through, and the rule that refuses to start with it (docs/ory-quirks.md#q85).
func TestAllowedAddressesAreComparedByLetters(t *testing.T) {
	home, err := url.Parse("https://id.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	let, refused, cases := 0, 0, map[string]string{
		"https://*foo.com/":               "https://evilfoo.com/",
		"https://*.co.uk":                 "https://evil.co.uk/",
		"https://*":                       "https://evil.example/",
		"https://*.github.io/":            "https://evil.github.io/",
		"https://app.example.com/app":     "https://app.example.com/app-evil",
		"https://app.example.com/a/../b/": "https://app.example.com/a/../b/",
	}
	for allowed, stranger := range cases {
		t.Run("a flow does not end at "+stranger+" because of "+allowed, func(t *testing.T) {
			entry, err := url.Parse(allowed)
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://id.example.com/?return_to="+url.QueryEscape(stranger), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := kx.SecureRedirectTo(r, home, kx.SecureRedirectAllowURLs([]url.URL{*entry})); err == nil {
				let++
			} else {
				t.Errorf("Kratos refuses it by itself now: %v; see whether the rule is still needed", err)
			}
			_, err = config.Load(config.Options{Dir: t.TempDir(), Set: map[string]string{"profile": "development"}, Environ: []string{
				"IDENTITYD_RETURN_TO_FILE=" + file(t, "- "+allowed+"\n"),
			}})
			if err == nil || !strings.Contains(err.Error(), "return_to[0]: must") {
				t.Errorf("got %v, want a refusal of return_to[0]", err)
				return
			}
			refused++
		})
	}
	tried.Report(t, "lists of return addresses that let a stranger in", "%d of %d let through by the engine, %d refused at start", let, len(cases), refused)
}

func TestAllowedOriginsAreComparedByLetters(t *testing.T) {
	let, refused, cases := 0, 0, map[string]string{
		"*":               "https://evil.example",
		"https://*foo.io": "https://evilfoo.io",
		"https://*.co.uk": "https://evil.co.uk",
		"":                "https://evil.example",
	}
	for allowed, stranger := range cases {
		t.Run("a page of "+stranger+" may not call because of "+allowed, func(t *testing.T) {
			var list []string
			written := "serve: {public: {cors: {enabled: true}}}\n"
			if allowed != "" {
				list = []string{allowed}
				written = "serve: {public: {cors: {enabled: true, allowed_origins: [\"" + allowed + "\"]}}}\n"
			}
			if corsx.CheckOrigin(list, stranger) {
				let++
			}
			for _, block := range []string{"HYDRA", "KRATOS"} {
				_, err := config.Load(config.Options{Dir: t.TempDir(), Set: map[string]string{
					"profile": "production", "origin": "https://id.example.com", "identity.verification": "optional",
					"secrets.system": "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T", "secrets.cookie": "r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T",
					"secrets.cipher": "s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T",
				}, Environ: []string{"IDENTITYD_" + block + "_FILE=" + file(t, written)}})
				if err == nil || !strings.Contains(err.Error(), "serve.public.cors.") {
					t.Errorf("got %v, want a refusal", err)
					continue
				}
				refused++
			}
		})
	}
	tried.Report(t, "lists of origins, in both verbatim blocks, that let a stranger's pages call with cookies", "%d of %d let through by the engine, %d of %d refused at start",
		let, len(cases), refused, 2*len(cases))
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
