package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/why"
)

// because explains a request from the log of the stack, as a command does that is given the file.
func (s *Stack) because(t *testing.T, id string) why.Answer {
	t.Helper()
	found, err := why.ReadLog(strings.NewReader(s.Log.String()), id)
	if err != nil {
		t.Fatal(err)
	}
	return why.Explain(why.NewTale(id, found.Lines, nil))
}

// TestWhyWhereMoreIsAsked does what TestWhy does, where addresses have to be verified, attempts are counted, people come
// from a provider, and the admin APIs want tokens.
func TestWhyWhereMoreIsAsked(t *testing.T) {
	work := Start(t)
	folder := t.TempDir()
	tokens := filepath.Join(folder, "tokens")
	// sha256 of idadm_reader.
	line := "reader read sha256:1934dd5b9b3028a1adb140075382c74b735aef67e3c248978e85a4e79922104a\n"
	if err := os.WriteFile(tokens, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Start(t, orStandIn(t), Set("data_dir", folder), Set("identity.verification", "required"), Set("admin.token_file", tokens),
		withFiles(t, map[string]string{"login_providers": providerOfWords + work.URLs.Hydra, "clients": whyFile}))
	post(t, work.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_id": "here", "client_secret": providerSecret, "scope": "openid email profile",
		"redirect_uris": []string{s.URLs.Kratos + "/self-service/methods/oidc/callback/work"},
	})
	door, err := control.Dial(folder)
	if err != nil {
		t.Fatal(err)
	}
	a := asker{s, door, map[string]string{}, &answers{by: map[string]asAnswered{}}}
	again := func(id string, change func(*http.Request)) string {
		return a.send(t, id, http.MethodPost, nativeLogin(t, s), url.Values{"method": {"password"}, "identifier": {"ada@example.com"}, "password": {"not-the-password"}}, change)
	}
	for _, tt := range []struct {
		name string
		do   func(t *testing.T) string
		want string
		says []string
	}{
		{
			"an address that is not verified", func(t *testing.T) string {
				signUp(t, s, s.Begin("notes"), "ada@example.com")
				b := a.browser(t)
				b.Open(s.Begin("notes"))
				b.signIn("ada@example.com")
				return a.last(t, "/self-service/login")
			}, "not_verified", []string{"the application notes", "not verified"},
		},
		{
			"a provider that was told no", func(t *testing.T) string {
				member(t, work, "gus@example.com")
				b := apart(a.browser(t), work)
				b.Open(s.Begin("notes"))
				b.answer(s, map[string]string{"provider": "work"})
				b.answer(work, map[string]string{"identifier": "gus@example.com", "password": password, "method": "password"})
				b.Submit("main form", map[string]string{"action": "deny"})
				return a.last(t, "/self-service/methods/oidc/callback/work")
			}, "provider_failed", []string{"the provider work"},
		},
		{
			"no token for the admin API", func(t *testing.T) string {
				return a.send(t, "why-admin-token", http.MethodGet, s.URLs.HydraAdmin+"/admin/clients", nil, nil)
			}, "admin_token_missing", []string{"/admin/clients"},
		},
		{
			"a token without the scope", func(t *testing.T) string {
				return a.send(t, "why-admin-scope", http.MethodDelete, s.URLs.HydraAdmin+"/admin/clients/notes", nil, func(r *http.Request) {
					r.Header.Set("Authorization", "Bearer idadm_reader")
				})
			}, "admin_scope_missing", []string{"The token admin:reader"},
		},
		{
			"too many wrong passwords", func(t *testing.T) string {
				for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
					if tryPassword(t, s, "ada@example.com", "not-the-password").status == http.StatusTooManyRequests {
						return again("why-throttled", nil)
					}
				}
				t.Fatal("nobody has to wait")
				return ""
			}, "too_many_attempts", []string{"429"},
		},
		{
			"too many wrong passwords, in a browser", func(*testing.T) string { return again("why-throttled-page", html) }, "too_many_attempts", []string{"429"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := tt.do(t)
			got := a.why(t, id, tt.want)
			a.agrees(t, id, got)
			t.Logf("%s\n  %s\n  %s", got.Cause, got.Sentence, got.Cure)
			if got.Cause != tt.want {
				raw, _ := json.MarshalIndent(got, "", " ")
				t.Errorf("got %q, want %q: %s", got.Cause, tt.want, raw)
			}
			for _, word := range tt.says {
				if !strings.Contains(got.Sentence, word) {
					t.Errorf("got %q, want %q in it", got.Sentence, word)
				}
			}
			// From the log it is the same.
			if same := s.because(t, id); same.Cause != got.Cause || same.Sentence != got.Sentence {
				t.Errorf("from the log: got %q, want %q", same.Sentence, got.Sentence)
			}
		})
	}
	t.Run("nothing by which a sign-in could be gone on with is in the log", func(t *testing.T) {
		b := a.browser(t)
		b.Open(s.Begin("notes"))
		flow := b.URL.Query().Get("flow")
		if flow == "" || strings.Contains(s.Log.String(), flow) {
			t.Errorf("the flow %q of the page is in the log, or there is none", flow)
		}
		if !slices.Contains(strings.Fields(strings.NewReplacer(`"`, " ").Replace(s.Log.String())), why.Mark(flow)) {
			t.Error("its mark is not in the log")
		}
	})
}
