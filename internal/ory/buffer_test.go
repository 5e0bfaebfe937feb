package ory

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBufferAnswersOnce holds that an answer that is given twice is the first one, as over a socket.
func TestBufferAnswersOnce(t *testing.T) {
	twice := func(w http.ResponseWriter, first func(http.ResponseWriter)) {
		first(w)
		w.Header().Set("Location", "/error?id=1")
		w.Header().Set("X-Second", "1")
		w.WriteHeader(http.StatusSeeOther)
		w.Write([]byte("second"))
	}
	for name, tt := range map[string]struct {
		first    func(http.ResponseWriter)
		status   int
		location string
		second   string
		body     string
	}{
		"a redirect": {
			first: func(w http.ResponseWriter) {
				w.Header().Set("Location", "/login?flow=1")
				w.WriteHeader(http.StatusSeeOther)
				w.Write([]byte("first"))
			},
			status: http.StatusSeeOther, location: "/login?flow=1", body: "first",
		},
		"a body without a status": {
			first:  func(w http.ResponseWriter) { w.Write([]byte("first")) },
			status: http.StatusOK, location: "/error?id=1", second: "1", body: "first",
		},
		"nothing": {first: func(http.ResponseWriter) {}, status: http.StatusSeeOther, location: "/error?id=1", second: "1", body: "second"},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuffer()
			twice(b, tt.first)
			b.Header().Set("X-After", "1") // who holds it may still add to it
			w := httptest.NewRecorder()
			b.Flush(w)
			got := []any{w.Code, w.Header().Get("Location"), w.Header().Get("X-Second"), w.Header().Get("X-After"), w.Body.String()}
			if d := cmp.Diff([]any{tt.status, tt.location, tt.second, "1", tt.body}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
