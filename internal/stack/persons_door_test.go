package stack

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestWhatIsNoPersonIsNotErased asks by the id of a client, which is the subject of tokens of its own. There is
// nothing behind the door that could be asked.
func TestWhatIsNoPersonIsNotErased(t *testing.T) {
	h := persons{}.handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for request, want := range map[string]int{
		"DELETE " + pathPersons + "billing":      http.StatusNotFound,
		"GET " + pathPersons + "billing/held":    http.StatusNotFound,
		"POST " + pathPersons + "billing/export": http.StatusNotFound,
		"PUT " + pathPersons + "billing":         http.StatusTeapot, // somebody else's
		"GET /admin/identities/billing":          http.StatusTeapot,
		"POST " + pathPersons + "billing/held":   http.StatusTeapot,
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != want || want == http.StatusNotFound && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d, %v, want %d and nothing stored", request, w.Code, w.Header(), want)
		}
	}
}
