package stacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/stack"
)

// hooked is a receiver of the operator's. It looks at every signature as the text of standardwebhooks.com says.
type hooked struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	calls  []hookCall
	answer func(hookCall) (int, string)
}

type hookCall struct {
	ID      string   `json:"id"`
	Event   string   `json:"event"`
	Subject string   `json:"subject"`
	Method  string   `json:"method"`
	By      string   `json:"provider"`
	Change  string   `json:"change"`
	Client  string   `json:"client_id"`
	Grant   string   `json:"grant"`
	Reason  string   `json:"reason"`
	AAL     string   `json:"aal"`
	Session string   `json:"session"`
	Scopes  []string `json:"scopes"`
	Request string   `json:"request_id"`
	Traits  map[string]any
	Raw     string `json:"-"`
	Parent  string `json:"-"` // the traceparent
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	h := &hooked{t: t}
	h.Server = httptest.NewServer(http.HandlerFunc(h.take))
	t.Cleanup(h.Close)
	return h
}

func (h *hooked) take(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var c hookCall
	if err != nil || json.Unmarshal(raw, &c) != nil {
		h.t.Errorf("got %q, %v, want JSON", raw, err)
	}
	c.Raw, c.Parent = string(raw), r.Header.Get("Traceparent")
	key, err := base64.StdEncoding.DecodeString(hookSecret)
	if err != nil {
		h.t.Error(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + c.Raw))
	if !slices.Contains(strings.Fields(r.Header.Get("webhook-signature")), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
		h.t.Errorf("the signature of %s is wrong", raw)
	}
	if at, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64); err != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute {
		h.t.Errorf("got timestamp %q", r.Header.Get("webhook-timestamp"))
	}
	if r.Header.Get("webhook-id") != c.ID {
		h.t.Errorf("got id %q in the header and %q in the body", r.Header.Get("webhook-id"), c.ID)
	}
	h.mu.Lock()
	answer := h.answer
	h.calls = append(h.calls, c)
	h.mu.Unlock()
	status, text := http.StatusNoContent, ""
	if answer != nil {
		status, text = answer(c)
	}
	w.WriteHeader(status)
	io.WriteString(w, text) //nolint:errcheck // the caller went away
}

func (h *hooked) become(answer func(hookCall) (int, string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer, h.calls = answer, nil
}

// await returns the first call that fits.
func (h *hooked) await(t *testing.T, event string, fits func(hookCall) bool) hookCall {
	t.Helper()
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		h.mu.Lock()
		for _, c := range h.calls {
			if c.Event == event && (fits == nil || fits(c)) {
				h.mu.Unlock()
				return c
			}
		}
		h.mu.Unlock()
	}
	t.Fatalf("nobody was called at %s; got %+v", event, h.calls)
	return hookCall{}
}

func (h *hooked) never(t *testing.T, event string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.calls {
		if c.Event == event {
			t.Errorf("got %s, want none", c.Raw)
		}
	}
}

// file is the words of stack.yaml for it.
func (h *hooked) file(t *testing.T, more string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "hooks.secret")
	if err := os.WriteFile(secret, []byte("whsec_"+hookSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return `
- name: crm
  on: [registration.before, registration.after, login.before, login.after, recovery.after, settings.before, settings.after, consent.before,
    consent.after, token.before, offboarding.after]
  url: ` + h.URL + `/hooks
  secret_file: ` + secret + `
  timeout: 10s
` + more
}

const hookedClient = `
- id: told
  name: Told
  secret: told-secret-told-secret
  redirect_uris: [https://app.invalid/callback]
  grant_types: [authorization_code, refresh_token, client_credentials]
  scope: openid email offline_access
`

// native is a step of an application without a browser.
func native(t *testing.T, s *Stack, kind, token string, fields map[string]any) (status int, answer map[string]any) {
	t.Helper()
	send := func(method, address string, body any) (int, map[string]any) {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, address, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		if token != "" {
			req.Header.Set("X-Session-Token", token)
		}
		var out map[string]any
		return perform(t, req, &out), out
	}
	_, flow := send(http.MethodGet, s.URLs.Kratos+"/self-service/"+kind+"/api", nil)
	id, _ := flow["id"].(string)
	return send(http.MethodPost, s.URLs.Kratos+"/self-service/"+kind+"?flow="+id, fields)
}

func signUpNatively(t *testing.T, s *Stack, email string) (int, map[string]any) {
	t.Helper()
	return native(t, s, "registration", "", map[string]any{"method": "password", "password": password, "traits": map[string]any{"email": email}})
}

func knownPeople(t *testing.T, s *Stack, email string) int {
	t.Helper()
	var list []any
	get(t, s.URLs.KratosAdmin+"/admin/identities?credentials_identifier="+url.QueryEscape(email), &list)
	return len(list)
}

func hookList(t *testing.T, s *Stack) (out stack.HookList) {
	t.Helper()
	get(t, s.URLs.KratosAdmin+"/admin/identityd/hooks", &out)
	return out
}
