package adminguard

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzGuard sends any request through the guard. What comes out behind it is judged a second time, by
// the library's parsers instead of ours.
func FuzzGuard(f *testing.F) {
	const token = "idadm_0123456789abcdefghijklmnopqrstuvwxyz"
	sum := sha256.Sum256([]byte(token))
	file := filepath.Join(f.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("reader read sha256:"+hex.EncodeToString(sum[:])), 0o600); err != nil {
		f.Fatal(err)
	}
	tokens, err := Open(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("GET", "/admin/clients", "127.0.0.1:4445", "", "", "", "", "Bearer "+token)
	f.Add("POST", "/admin/clients", "localhost", "", "", "application/json", "{}", "bearer  "+token)
	f.Add("POST", "/admin/oauth2/introspect", "[::1]:4445", "", "none", "application/x-www-form-urlencoded", "token=a", "Bearer "+token)
	f.Add("POST", "/admin/clients/../oauth2/introspect", "evil.example", "null", "cross-site", "text/plain", "{}", "Basic eDp5")
	f.Add("PATCH", "/health/../admin/identities", "127.0.0.1.", "https://evil.example", "same-site", "application/json-patch+json, text/plain", "[]", token)
	f.Add("HEAD", "//health//alive", "localhost:x", "", "", "multipart/form-data; boundary=x", "--x--", "")
	f.Fuzz(func(t *testing.T, method, path, host, origin, site, kind, body, authorization string) {
		r, err := http.NewRequest(method, "http://127.0.0.1/", strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		r.URL.Path, r.Host = path, host
		for name, value := range map[string]string{
			"Origin": origin, "Sec-Fetch-Site": site, "Content-Type": kind, "Authorization": authorization,
		} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		passed := false
		w := httptest.NewRecorder()
		Middleware(Config{
			Log: slog.New(slog.DiscardHandler), Tokens: tokens, Form: Introspects, Need: NeedHydra,
			RequestID: func(*http.Request) string { return "" },
		})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			passed = true
			_, _ = io.Copy(io.Discard, r.Body)
		})).ServeHTTP(w, r)
		if !passed {
			if w.Code < 400 || w.Code >= 500 {
				t.Fatalf("refused with %d", w.Code)
			}
			return
		}
		if isHealth(r) {
			if method != "" && !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method) {
				t.Fatalf("a health path was open to %s", method)
			}
			return
		}
		judge(t, r, kind, body, authorization, token)
	})
}

func judge(t *testing.T, r *http.Request, kind, body, authorization, token string) {
	t.Helper()
	name := strings.ToLower(r.Host)
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	name = strings.TrimSuffix(strings.Trim(name, "[]"), ".")
	if ip := net.ParseIP(name); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
		t.Fatalf("host %q passed", r.Host)
	}
	if r.Header.Get("Origin") != "" || !slices.Contains([]string{"", "none"}, r.Header.Get("Sec-Fetch-Site")) {
		t.Fatal("a page's request passed")
	}
	if !strings.HasSuffix(authorization, token) && !strings.HasSuffix(strings.TrimSpace(authorization), token) {
		t.Fatalf("%q passed as a token", authorization)
	}
	// A reader changes nothing, whatever the path looks like.
	if !slices.Contains([]string{"", "GET", "HEAD", "OPTIONS"}, r.Method) && !Introspects(r) {
		t.Fatalf("%s %q passed with a token that may only read", r.Method, r.URL.Path)
	}
	if body == "" {
		return
	}
	parsed, _, err := mime.ParseMediaType(kind)
	json := parsed == "application/json" || strings.HasSuffix(parsed, "+json")
	// ParseMediaType reports a broken parameter beside the type: a browser cannot send this one at all.
	if Introspects(r) {
		json = parsed == "application/x-www-form-urlencoded"
	}
	if !json && err == nil {
		t.Fatalf("a body of type %q passed", kind)
	}
}
