package outage

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestMemory takes the database away from a handler of a public document.
func TestMemory(t *testing.T) {
	const path = "/.well-known/jwks.json"
	db := nowhere(t)
	away, hangs := false, false
	open := make(chan struct{})
	serving := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		switch {
		case hangs:
			<-open // deaf to the deadline, as Hydra's lock is
		case away:
			write(db, http.StatusInternalServerError, nil, secret)(w, r)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Set-Cookie", "session=1")
			io.WriteString(w, `{"keys":[]}`) //nolint:errcheck // a recorder
		}
	})
	now := time.Now()
	memory := NewMemory(time.Hour, path)
	memory.now = func() time.Time { return now }
	h := WithMemory(Hydra, memory)(serving)
	want := func(t *testing.T, method, path, asked string, status int, age string) {
		t.Helper()
		rec := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, http.NoBody)
		r.Header.Set("Cache-Control", asked)
		h.ServeHTTP(rec, r)
		if rec.Code != status || rec.Header().Get("Age") != age {
			t.Errorf("%s %s: got %d with Age %q, want %d with %q", method, path, rec.Code, rec.Header().Get("Age"), status, age)
		}
		if age == "" {
			return
		}
		if got := rec.Body.String(); got != `{"keys":[]}` {
			t.Errorf("got %s", got)
		}
		if rec.Header().Get("Set-Cookie") != "" || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("got %v, want the header of the document, no cookie, and no-store for those who pass it on", rec.Header())
		}
	}
	t.Run("a process that never read it has nothing to give", func(t *testing.T) {
		away = true
		want(t, "GET", path, "", 503, "")
		away = false
	})
	want(t, "GET", path, "", 200, "")
	t.Run("it is given out with its age while the database is away", func(t *testing.T) {
		away, now = true, now.Add(90*time.Second)
		want(t, "GET", path, "", 200, "90")
		want(t, "HEAD", path, "", 200, "90")
	})
	t.Run("who asks for an answer of now gets none", func(t *testing.T) {
		want(t, "GET", path, "max-age=0, no-cache", 503, "")
		want(t, "GET", path, "No-Store", 503, "")
	})
	t.Run("nothing else is remembered", func(t *testing.T) {
		away = false
		want(t, "GET", "/userinfo", "", 200, "")
		away = true
		want(t, "GET", "/userinfo", "", 503, "")
		want(t, "POST", path, "", 503, "")
	})
	t.Run("a handler that waits without an end does not keep anybody", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			open = make(chan struct{})
			hangs = true
			began := time.Now()
			want(t, "GET", path, "", 200, "90")
			if got, most := time.Since(began), patience+grace; got != most {
				t.Errorf("took %s, want %s", got, most)
			}
			close(open)
			synctest.Wait()
			hangs = false
		})
	})
	t.Run("what is older than any token is not given out", func(t *testing.T) {
		at := now
		now = now.Add(time.Hour)
		want(t, "GET", path, "", 503, "")
		now = at
	})
	t.Run("a change of keys drops it", func(t *testing.T) {
		want(t, "GET", path, "", 200, "90")
		changing := memory.Forgetting("/admin/keys", http.NotFoundHandler())
		for _, r := range []*http.Request{
			httptest.NewRequest(http.MethodGet, "/admin/keys/x", http.NoBody), httptest.NewRequest(http.MethodPost, "/admin/clients", http.NoBody),
		} {
			changing.ServeHTTP(httptest.NewRecorder(), r)
		}
		want(t, "GET", path, "", 200, "90")
		changing.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, "/admin/keys/x", http.NoBody))
		want(t, "GET", path, "", 503, "")
	})
}
