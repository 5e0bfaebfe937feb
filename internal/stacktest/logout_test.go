package stacktest

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestLogoutsOnSQLite ends sessions from both sides at once: at home, which begins in Kratos, and from
// an application, which begins in Hydra and crosses into Kratos while both hold their one writer.
func TestLogoutsOnSQLite(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t)
	start := application(t, s)
	const people = 8
	done := make(chan struct{})
	go func() {
		defer close(done)
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() { signOut(t, s, start, "person-"+strconv.Itoa(i)+"@example.com", i%2 == 0) })
		}
		wg.Wait()
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("the logouts did not come to an end")
	}
}

func signOut(t *testing.T, s *Stack, start, email string, atHome bool) {
	b := signUp(t, s, start, email)
	b.Submit("form", map[string]string{"action": "allow"})
	if b.URL.Hostname() != AppHost {
		t.Errorf("%s: got %s, want the application", email, b.URL.Redacted())
		return
	}
	if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusOK {
		t.Errorf("%s: whoami got %d before the logout, want 200", email, got)
	}
	if atHome {
		b.Open(s.URLs.UI + "/")
		b.Submit(`form[action$="/account/logout"]`, nil)
	} else {
		b.Open(s.URLs.Hydra + "/oauth2/sessions/logout")
		b.Submit("form", map[string]string{"action": "yes"})
	}
	if b.URL.Path != "/account/signed-out" {
		t.Errorf("%s: got %s, want the signed-out page", email, b.URL.Path)
	}
	if got := b.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
		t.Errorf("%s: whoami got %d after the logout, want 401", email, got)
	}
}
