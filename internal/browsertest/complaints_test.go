package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestABrowserComplains proves that the other tests hear what they rely on.
func TestABrowserComplains(t *testing.T) {
	b := open(t, "complaints")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, `<!doctype html><style>h1 { color: red }</style><h1>Styled</h1>`)
	}))
	t.Cleanup(server.Close)
	b.visit(server.URL)
	b.heading("Styled")
	heard := strings.Join(b.heard(), "\n")
	for _, want := range []string{"Content Security Policy", "content security policy: style-src"} {
		if !strings.Contains(heard, want) {
			t.Errorf("heard %q, want %q in it", heard, want)
		}
	}
}
