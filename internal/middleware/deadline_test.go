package middleware

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		h := Deadline(3 * time.Second)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			if got := context.Cause(r.Context()); got != context.DeadlineExceeded { //nolint:errorlint // the value itself
				t.Errorf("got cause %v", got)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := time.Since(began); got != 3*time.Second || w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d after %s", w.Code, got)
		}
	})
}
