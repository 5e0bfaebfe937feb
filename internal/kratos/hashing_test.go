package kratos

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ory/kratos/hash"

	"example.com/identityd/internal/ory"
)

// While one request compares a password, another one gets in; while one does anything else, none does.
// It fails when Kratos names its span otherwise (docs/ory-quirks.md#q42).
func TestOthersAreServedWhileAPasswordIsCompared(t *testing.T) {
	ory.WatchHashes()
	inside := make(chan struct{})
	compared := make(chan error, 1)
	release := make(chan struct{})
	hash.AddSupportedHasher(hash.SupportedHasher{
		Name: "a test", Is: func(h []byte) bool { return string(h) == "a test" },
		Comparator: func(context.Context, []byte, []byte) error {
			close(inside)
			<-release
			return nil
		},
	})
	s := ory.NewSerializer()
	held := make(chan struct{})
	blocked := make(chan struct{})
	h := s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			compared <- hash.Compare(r.Context(), []byte("x"), []byte("a test"))
			close(held)
			<-blocked
		default:
			io.WriteString(w, "served") //nolint:errcheck // a recorder
		}
	}), func(*http.Request) bool { return false })
	ask := func(path string, bound time.Duration) string {
		ctx, cancel := context.WithTimeout(t.Context(), bound)
		defer cancel()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader("")))
		return rec.Body.String()
	}
	done := make(chan struct{})
	go func() { defer close(done); ask("/login", time.Minute) }()
	<-inside
	if got := ask("/other", 10*time.Second); got != "served" {
		t.Errorf("while a password is compared: got %q, want to be served", got)
	}
	close(release)
	if err := <-compared; err != nil {
		t.Error(err)
	}
	<-held
	if got := ask("/other", 100*time.Millisecond); got == "served" {
		t.Error("after it, two requests were inside at once")
	}
	close(blocked)
	<-done
	if got := ask("/other", 10*time.Second); got != "served" {
		t.Errorf("afterwards: got %q, want to be served", got)
	}
}
