package stacktest

import (
	"net/http"
	"strings"
	"testing"
)

// refuses has a receiver say no to an event, and yes to all others.
func (h *hooked) refuses(event string) {
	h.become(func(c hookCall) (int, string) {
		if c.Event == event {
			return http.StatusForbidden, `{"message":"Not this way, please."}`
		}
		return http.StatusNoContent, ""
	})
}

// isRefused holds that the browser is told what the receiver said, and is nobody.
func (b *Browser) isRefused(s *Stack) {
	b.t.Helper()
	if b.Page == nil || !strings.Contains(b.Page.Text("main"), "Not this way, please.") {
		b.t.Errorf("got %s (%d), want what the receiver says", b.URL.Redacted(), b.Status)
	}
	if got := b.whoami(s); got != nil {
		b.t.Errorf("got a session of %s", got.Identity.ID)
	}
}

// sessionsOf counts them.
func sessionsOf(t *testing.T, s *Stack, person string) int {
	t.Helper()
	var list []any
	get(t, s.URLs.KratosAdmin+"/admin/identities/"+person+"/sessions", &list)
	return len(list)
}

func hookedProvider(t *testing.T, s *Stack, h *hooked) {
	const email, name = "hugo@example.com", "hugo"
	comes := func(name string) *Browser {
		t.Helper()
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.goesUpstream(s, name)
		return b
	}
	h.refuses("registration.before")
	comes(name).isRefused(s)
	if personBy(t, s, email) != nil {
		t.Error("the sign-up that was refused left an account")
	}
	h.never(t, "registration.after")

	h.become(nil)
	b := comes(name)
	h.await(t, "registration.before", func(c hookCall) bool { return c.Method == "oidc" && c.Subject == "" })
	id := h.await(t, "registration.after", func(c hookCall) bool { return c.Method == "oidc" }).Subject
	if got := b.whoami(s); got == nil || got.Identity.ID != id {
		t.Fatalf("got %s and session %+v, want one of %s", b.URL.Redacted(), got, id)
	}
	h.become(nil)
	comes(name)
	h.await(t, "login.before", func(c hookCall) bool {
		return c.Method == "oidc" && c.By == "work" && c.Subject == id && c.AAL == "aal1"
	})
	h.await(t, "login.after", func(c hookCall) bool { return c.Method == "oidc" && c.Subject == id && c.Session != "" })

	before := sessionsOf(t, s, id)
	h.refuses("login.before")
	comes(name).isRefused(s)
	h.await(t, "login.before", func(c hookCall) bool { return c.Method == "oidc" && c.Subject == id })
	h.never(t, "login.after")
	if after := sessionsOf(t, s, id); after != before {
		t.Errorf("got %d sessions, want the %d of before", after, before)
	}

	person, linking := member(t, s, "lola@example.com"), NewBrowser(t)
	h.become(nil)
	linking.goesLinking(s, "lola@example.com")
	h.refuses("settings.before")
	linking.Submit("form", map[string]string{"name": "nomail-lola"})
	h.await(t, "settings.before", func(c hookCall) bool { return c.Method == "oidc" && c.Change == "added" && c.Subject == person })
	h.never(t, "settings.after")
	h.become(nil)
	if got := signedInAs(s, comes("nomail-lola"), person); got != "" {
		t.Errorf("what was refused is linked: %s", got)
	}
	linking = NewBrowser(t)
	linking.goesLinking(s, "lola@example.com")
	linking.Submit("form", map[string]string{"name": "nomail-lola"})
	h.await(t, "settings.after", func(c hookCall) bool { return c.Method == "oidc" && c.Change == "added" && c.Subject == person })
	if got := signedInAs(s, comes("nomail-lola"), person); got == "" {
		t.Error("what was allowed is not linked")
	}
}

func hookedPasskey(t *testing.T, s *Stack, h *hooked) {
	signUp := func(email string) *Browser {
		t.Helper()
		b, d := NewBrowser(t), newDevice(t)
		b.Open(s.URLs.UI + "/registration")
		b.answer(s, map[string]string{
			"method": "passkey", "traits.email": email, "passkey_register": d.create(s.URLs.UI, b.given(s, "passkey_create_data")),
		})
		return b
	}
	comes := func(d *device) *Browser {
		t.Helper()
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.answer(s, b.usesPasskey(s, d))
		return b
	}
	const email = "pia@example.com"
	h.refuses("registration.before")
	signUp(email).isRefused(s)
	h.await(t, "registration.before", func(c hookCall) bool { return c.Method == "passkey" && c.Subject == "" })
	h.never(t, "registration.after")
	if personBy(t, s, email) != nil {
		t.Error("the sign-up that was refused left an account")
	}
	h.become(nil)
	signUp(email)
	h.await(t, "registration.after", func(c hookCall) bool { return c.Method == "passkey" })
	if personBy(t, s, email) == nil {
		t.Error("the sign-up that was allowed left no account")
	}

	id, b := member(t, s, "paul@example.com"), NewBrowser(t)
	signIn(b, s, "paul@example.com")
	h.refuses("settings.before")
	refused := b.addPasskey(s)
	h.await(t, "settings.before", func(c hookCall) bool { return c.Method == "passkey" && c.Change == "added" && c.Subject == id })
	h.never(t, "settings.after")
	h.become(nil)
	if got := signedIn(s, comes(refused)); got != "" {
		t.Errorf("the passkey that was refused signs in: %s", got)
	}
	d := b.addPasskey(s)
	h.await(t, "settings.after", func(c hookCall) bool { return c.Method == "passkey" && c.Change == "added" && c.Subject == id })
	if got := signedInAs(s, comes(d), id); got == "" {
		t.Fatal("the passkey that was allowed does not sign in")
	}
	h.await(t, "login.before", func(c hookCall) bool { return c.Method == "passkey" && c.Subject == id && c.AAL == "aal1" })
	h.await(t, "login.after", func(c hookCall) bool { return c.Method == "passkey" && c.Subject == id && c.Session != "" })

	before := sessionsOf(t, s, id)
	h.refuses("login.before")
	comes(d).isRefused(s)
	h.await(t, "login.before", func(c hookCall) bool { return c.Method == "passkey" && c.Subject == id })
	h.never(t, "login.after")
	if after := sessionsOf(t, s, id); after != before {
		t.Errorf("got %d sessions, want the %d of before", after, before)
	}
}
