package kratos

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestPad(t *testing.T) {
	cases := map[string]struct {
		method, path string
		answer       http.HandlerFunc
		want         time.Duration
	}{
		"a refused login takes the whole floor": {
			"POST", "/self-service/login",
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/login?flow=x", http.StatusSeeOther)
			},
			failedLogin,
		},
		"a refused login of an API client too": {
			"POST", "/self-service/login",
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
			failedLogin,
		},
		"a login that passed is not held back": {
			"POST", "/self-service/login",
			func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "v"})
				http.Redirect(w, r, "/", http.StatusSeeOther)
			},
			0,
		},
		"an API client's login that passed neither": {
			"POST", "/self-service/login",
			func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{}`)) },
			0,
		},
		"anything else is left alone": {
			"POST", "/self-service/registration",
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
			0,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				w := httptest.NewRecorder()
				pad(c.answer, "session", failedLogin).ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
				if got := time.Since(began); got != c.want {
					t.Errorf("took %s, want %s", got, c.want)
				}
				if w.Code == 0 {
					t.Error("nothing was sent")
				}
			})
		})
	}
	t.Run("the slower the hash the shorter the wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			h := pad(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(100 * time.Millisecond) // a hash, on the fake clock
				w.WriteHeader(http.StatusBadRequest)
			}), "session", failedLogin)
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/self-service/login", nil))
			if got := time.Since(began); got != failedLogin {
				t.Errorf("took %s, want %s", got, failedLogin)
			}
		})
	})
}
