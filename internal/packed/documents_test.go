package packed_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/packed"
)

const path = "/.well-known/jwks.json"

// answering answers with whatever is in it.
type answering struct {
	status int
	body   string
	header http.Header
}

// ServeHTTP implements http.Handler.
func (a *answering) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	io.WriteString(w, a.body) //nolint:errcheck // to a recorder
}

func ask(t *testing.T, h http.Handler, method, target, accept string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	r := httptest.NewRequest(method, target, http.NoBody)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
		t.Errorf("got a Content-Length of %s and %d bytes", got, w.Body.Len())
	}
	body := io.Reader(w.Body)
	if w.Header().Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = unpacked
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return w, string(raw)
}

func TestPublicDocumentsArePacked(t *testing.T) {
	long := strings.Repeat(`{"kty":"RSA"}`, 100)
	for name, c := range map[string]struct {
		method, target, accept string
		next                   answering
		packed, varies         bool
	}{
		"for who takes gzip":                   {"GET", path, "br, gzip", answering{status: 200, body: long}, true, true},
		"not for who does not":                 {"GET", path, "br, gzip;q=0", answering{status: 200, body: long}, false, true},
		"not where it saves nothing":           {"GET", path, "gzip", answering{status: 200, body: "{}"}, false, true},
		"not what is no document":              {"GET", "/oauth2/auth", "gzip", answering{status: 200, body: long}, false, false},
		"not an error":                         {"GET", path, "gzip", answering{status: 503, body: long}, false, true},
		"not what is packed in some other way": {"GET", path, "gzip", answering{status: 200, body: long, header: http.Header{"Content-Encoding": {"br"}}}, false, true},
		"not what is written":                  {"POST", path, "gzip", answering{status: 200, body: long}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, body := ask(t, packed.NewDocuments(path).Middleware(&c.next), c.method, c.target, c.accept)
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.packed {
				t.Errorf("packed: got %t, want %t", got, c.packed)
			}
			if got := w.Header().Get("Vary") == "Accept-Encoding"; got != c.varies {
				t.Errorf("Vary: got %t, want %t", got, c.varies)
			}
			if body != c.next.body || w.Code != c.next.status {
				t.Errorf("got %d and %q", w.Code, body)
			}
		})
	}
}

// TestAChangedDocumentIsTheNewOne changes a document between any two answers, more often than are remembered.
func TestAChangedDocumentIsTheNewOne(t *testing.T) {
	next := &answering{status: 200}
	h := packed.NewDocuments(path).Middleware(next)
	for i := range 40 {
		next.body = strings.Repeat("key "+strconv.Itoa(i%20)+" ", 100)
		for range 2 {
			if _, body := ask(t, h, http.MethodGet, path, "gzip"); body != next.body {
				t.Fatalf("got %.20q, want %.20q", body, next.body)
			}
		}
	}
}

func TestATagOfAPackedDocumentIsWeak(t *testing.T) {
	h := packed.NewDocuments(path).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"abc"`)
		http.ServeContent(w, r, "keys.json", time.Time{}, strings.NewReader(strings.Repeat("key ", 500)))
	}))
	w, _ := ask(t, h, http.MethodGet, path, "gzip")
	if got := w.Header().Get("ETag"); got != `W/"abc"` || w.Header().Get("Accept-Ranges") != "" {
		t.Errorf("got the tag %s and ranges of %q", got, w.Header().Get("Accept-Ranges"))
	}
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("If-None-Match", `W/"abc"`)
	again := httptest.NewRecorder()
	h.ServeHTTP(again, r)
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("asked again: got %d and %d bytes, want 304", again.Code, again.Body.Len())
	}
}
