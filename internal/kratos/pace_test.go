package kratos

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestSignUpsTakeEquallyLong lets new sign-ups and those with a known address take what they take, and
// measures the answers.
func TestSignUpsTakeEquallyLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		sign := func(took time.Duration, how outcome) time.Duration {
			h := p.middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ended(r.Context(), how)
				time.Sleep(took)
			}))
			began := time.Now()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/self-service/registration", nil))
			return time.Since(began)
		}
		for _, tt := range []struct {
			name       string
			took, want time.Duration
			how        outcome
		}{
			{"a new one waits for the floor", 100 * time.Millisecond, leastSignUp, signUpNew},
			{"so does a known one", 10 * time.Millisecond, leastSignUp, signUpKnown},
			{"a refusal waits for nothing", 10 * time.Millisecond, 10 * time.Millisecond, signUpFailed},
			{"a slow database raises the floor", time.Second, time.Second, signUpNew},
			{"for known ones too", 10 * time.Millisecond, time.Second, signUpKnown},
			{"which known ones do not lower", 10 * time.Millisecond, time.Second, signUpKnown},
			{"nor refusals", 10 * time.Millisecond, 10 * time.Millisecond, signUpFailed},
			{"but new ones slowly do", 100 * time.Millisecond, 950 * time.Millisecond, signUpNew},
			{"a known one that is slow itself is not cut", 1200 * time.Millisecond, 1200 * time.Millisecond, signUpKnown},
		} {
			if got := sign(tt.took, tt.how); got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
			}
		}
	})
}
