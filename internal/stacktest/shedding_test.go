package stacktest

import (
	"net/http"
	"testing"
	"time"

	"example.com/identityd/internal/tried"
)

// overloaded floods the forms of a stack behind a slow database, and meanwhile asks what is shed last. It
// returns the answers to both.
func overloaded(t *testing.T) (urgent, forms []Answer) {
	t.Helper()
	f := newFaulty(t)
	asked := f.questions()
	form := func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth("vault", "vault-secret-vault-secret")
	}
	token := Request{Name: "a token", Method: "POST", URL: f.URLs.Hydra + "/oauth2/revoke", Body: "token=" + f.access + "x", Change: form}
	whoami, userinfo := asked[1], asked[0]
	warm := StartLoad(t, 3, whoami, userinfo, token)
	awaitServed(t, warm, time.Now(), 30*time.Second)
	warm.Stop()

	const delay = 60 * time.Millisecond
	defer f.proxy.Slow(delay)()
	flood := StartLoad(t, 60,
		Request{Name: "a form", Method: "GET", URL: f.URLs.Kratos + "/self-service/registration/api", Patient: true},
		Request{Name: "a form", Method: "GET", URL: f.URLs.Kratos + "/self-service/recovery/api", Patient: true},
		Request{Name: "a sign-in", Method: "GET", URL: f.URLs.Hydra + "/oauth2/auth?client_id=vault&response_type=code&scope=openid&state=state-state&redirect_uri=" + vaultCallback, Patient: true},
	)
	for began := time.Now(); Statuses(flood.Since(began))[http.StatusServiceUnavailable] < 30; <-time.After(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("the flood got %v: there is no overload", Statuses(flood.Since(began)))
		}
	}
	// One after the other, as one relying party asks.
	whoami.Patient, userinfo.Patient, token.Patient = true, true, true
	calm := StartLoad(t, 1, whoami, userinfo, token)
	for began := time.Now(); len(calm.Since(began)) < 24 && time.Since(began) < 2*time.Minute; {
		<-time.After(50 * time.Millisecond)
	}
	return calm.Stop(), flood.Stop()
}

// TestTokensAndSessionsAreShedLast: while most who want a form are turned away, those that applications depend on
// are all answered. TestUrgentRequestsAreShedLast has the same without the engines, and without the places.
func TestTokensAndSessionsAreShedLast(t *testing.T) {
	Long(t)
	urgent, forms := overloaded(t)
	for _, a := range urgent {
		if a.Err != nil || a.Status != http.StatusOK {
			t.Errorf("%s: got %d %v after %s, want 200: %s", a.Name, a.Status, a.Err, a.Took, a.Body)
		}
	}
	turnedAway := 0
	for _, a := range forms {
		if a.Status == http.StatusServiceUnavailable {
			turnedAway++
			if a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: a 503 without Retry-After", a.Name)
			}
		}
	}
	if turnedAway == 0 || len(urgent) < 10 {
		t.Errorf("got %d turned away and %d urgent requests: there was no overload", turnedAway, len(urgent))
	}
	tried.Report(t, "60 clients who want forms at once, behind a slow database; whoami, userinfo and revocation meanwhile",
		"%d of %d forms answered 503; %d urgent requests, all 200, p50 %s, slowest %s", turnedAway, len(forms), len(urgent),
		Slowest(urgent, 0.5).Round(time.Millisecond), Slowest(urgent, 1).Round(time.Millisecond))
}
