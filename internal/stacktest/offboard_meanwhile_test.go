package stacktest

import (
	"net/http"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
)

// TestAFormUnderWayBringsNobodyBack takes access away while a form of settings is on its way: Kratos has read the
// person, and writes all of them afterwards.
func TestAFormUnderWayBringsNobodyBack(t *testing.T) {
	h := newHooked(t)
	d := newDatabases(t, pgtest.Shared(t))
	s := d.start(t, withFiles(t, map[string]string{"hooks": h.file(t, "")}))
	for name, take := range map[string]func(t *testing.T, id string){
		"deactivated": func(t *testing.T, id string) { setState(t, s, id, "inactive") },
		"revoked": func(t *testing.T, id string) {
			var out struct{ Sessions int }
			call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/identityd/identities/"+id+"/revoke", "", "", nil, &out)
		},
	} {
		t.Run(name, func(t *testing.T) {
			email := name + "-meanwhile@example.com"
			h.become(nil)
			id := member(t, s, email)
			_, answer := native(t, s, "login", "", map[string]any{"method": "password", "identifier": email, "password": password})
			token, _ := answer["session_token"].(string)
			asked, release := make(chan struct{}), make(chan struct{})
			h.become(func(c hookCall) (int, string) {
				if c.Event == "settings.before" {
					close(asked)
					<-release
				}
				return 204, ""
			})
			done := make(chan int, 1)
			go func() {
				status, _ := native(t, s, "settings", token, map[string]any{"method": "password", "password": "another-good-phrase-8"})
				done <- status
			}()
			select {
			case <-asked:
			case <-time.After(time.Minute):
				t.Fatal("nobody was asked")
			}
			take(t, id)
			close(release)
			if status := <-done; status != http.StatusUnauthorized {
				t.Errorf("the form got %d, want 401", status)
			}
			h.become(nil)
			var person struct{ State string }
			call(t, http.MethodGet, s.URLs.KratosAdmin+"/admin/identities/"+id, "", "", nil, &person)
			if want := map[string]string{"deactivated": "inactive", "revoked": "active"}[name]; person.State != want {
				t.Errorf("the person is %s, want %s", person.State, want)
			}
			b := NewBrowser(t)
			b.Open(s.URLs.UI + "/login")
			b.answer(s, map[string]string{"identifier": email, "password": "another-good-phrase-8", "method": "password"})
			if got := signedIn(s, b); got != "" {
				t.Errorf("the password of the form signs in: %s", got)
			}
		})
	}
}
