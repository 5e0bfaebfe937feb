package stacktest

import (
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

const (
	publicBound = 64 << 10
	adminBound  = 1 << 20
	importBound = 10 << 20
)

// unsized hides the length of a body, so that it is sent in chunks.
type unsized struct{ io.Reader }

// TestBodiesAreBounded sends what is too long, and forms in parts (docs/ory-quirks.md#q83).
func TestBodiesAreBounded(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t)
	post := func(t *testing.T, method, target, kind string, body io.Reader) received {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, target, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		return exchange(t, req)
	}
	const form, typed = "application/x-www-form-urlencoded", "application/json"
	for name, tt := range map[string]struct {
		method, target, kind string
		bound                int
	}{
		"a token request":             {http.MethodPost, s.URLs.Hydra + "/oauth2/token", form, publicBound},
		"a login":                     {http.MethodPost, s.URLs.Kratos + "/self-service/login?flow=a", form, publicBound},
		"a page's form":               {http.MethodPost, s.URLs.UI + "/consent", form, publicBound},
		"a client":                    {http.MethodPost, s.URLs.HydraAdmin + "/admin/clients", typed, adminBound},
		"an identity":                 {http.MethodPost, s.URLs.KratosAdmin + "/admin/identities", typed, adminBound},
		"an import of identities":     {http.MethodPatch, s.URLs.KratosAdmin + "/admin/identities", typed, importBound},
		"a patch of one identity":     {http.MethodPatch, s.URLs.KratosAdmin + "/admin/identities/a", typed, adminBound},
		"a login at its own listener": {http.MethodPost, "http://" + s.Address("kratos_public") + "/self-service/login?flow=a", form, publicBound},
	} {
		t.Run(name+" has a bound", func(t *testing.T) {
			body := strings.Repeat("a", tt.bound+1)
			over := post(t, tt.method, tt.target, tt.kind, strings.NewReader(body)).status
			chunked := post(t, tt.method, tt.target, tt.kind, unsized{strings.NewReader(body)}).status
			at := post(t, tt.method, tt.target, tt.kind, strings.NewReader(body[1:])).status
			if over != http.StatusRequestEntityTooLarge {
				t.Errorf("one byte more: got %d, want 413", over)
			}
			// Of unknown length it is read as far as the bound.
			if chunked < 400 || chunked >= 500 {
				t.Errorf("in chunks: got %d, want a refusal", chunked)
			}
			if at == http.StatusRequestEntityTooLarge || at >= 500 {
				t.Errorf("at the bound: got %d, want it to be read", at)
			}
			tried.Report(t, name+" that is too long", "%d bytes: %d, in chunks: %d, one byte less: %d", tt.bound+1, over, chunked, at)
		})
	}
	t.Run("no OAuth endpoint takes a form in parts, and none leaves a file", func(t *testing.T) {
		t.Setenv("TMPDIR", t.TempDir()) // what other processes leave there is not of this one
		for _, path := range []string{"/oauth2/token", "/oauth2/revoke", "/oauth2/auth", "/userinfo"} {
			var b strings.Builder
			w := multipart.NewWriter(&b)
			part, err := w.CreateFormFile("file", "a")
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(part, strings.Repeat("a", 1<<10)) //nolint:errcheck // in memory
			w.Close()                                        //nolint:errcheck // in memory
			got := post(t, http.MethodPost, s.URLs.Hydra+path, w.FormDataContentType(), strings.NewReader(b.String()))
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, "invalid_request") {
				t.Errorf("%s: got %d %s, want invalid_request", path, got.status, got.body)
			}
			tried.Report(t, "a form in parts at "+path, "%d %s", got.status, strings.TrimSpace(got.body))
		}
		if n := spooled(t); n > 0 {
			t.Errorf("got %d files in parts below the temporary folder, want none", n)
		}
	})
}

// spooled counts what mime/multipart keeps on the disk.
func spooled(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}
