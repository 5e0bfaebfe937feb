package uitest

import (
	"net/http"
	"time"

	"example.com/identityd/internal/ui"
)

// waitStates are the page of who has to wait, which is shown at the address of the public API.
func waitStates() []State {
	after := func(wait time.Duration) func(*ui.UI, http.ResponseWriter, *http.Request) {
		return func(u *ui.UI, w http.ResponseWriter, r *http.Request) { u.TooMany(w, r, wait) }
	}
	return []State{
		{Name: "too-many-login", Target: "/self-service/login?flow=f", Status: 429, Shown: after(8 * time.Second)},
		{Name: "too-many-mails", Target: "/self-service/recovery?flow=f", Status: 429, Shown: after(15 * time.Minute)},
	}
}
