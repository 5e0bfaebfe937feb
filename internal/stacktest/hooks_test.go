package stacktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/stack"
)

const hookSecret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"

// TestHooks: two replicas on PostgreSQL, one receiver.
func TestHooks(t *testing.T) {
	h := newHooked(t)
	d := newDatabases(t, pgtest.Shared(t))
	files := withFiles(t, map[string]string{"clients": hookedClient, "hooks": h.file(t, "")})
	a := d.start(t, files)
	b := d.start(t, files)
	h.become(func(c hookCall) (int, string) {
		if c.Event == "token.before" {
			return 200, `{"claims":{"plan":"gold","sub":"somebody else"}}`
		}
		return 204, ""
	})

	browser := signUp(t, a, authorize(a, nil), "ada@example.com")
	h.await(t, "registration.before", func(c hookCall) bool { return c.Method == "password" && c.Subject == "" && c.Traits == nil })
	ada := h.await(t, "registration.after", func(c hookCall) bool { return c.Method == "password" }).Subject
	browser.Submit(`form[action$="/consent"]`, map[string]string{"action": "allow"})
	code := browser.URL.Query().Get("code")
	if code == "" {
		t.Fatalf("got no code at %s", browser.URL)
	}
	h.await(t, "consent.before", func(c hookCall) bool { return c.Subject == ada && c.Client == "told" && len(c.Scopes) == 3 })
	h.await(t, "consent.after", func(c hookCall) bool { return c.Subject == ada && c.Client == "told" })
	tokens := redeemTold(t, a, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {vaultCallback}})
	h.await(t, "token.before", func(c hookCall) bool { return c.Subject == ada && c.Grant == "authorization_code" })
	if plan, sub := claim(t, tokens.ID, "plan"), claim(t, tokens.ID, "sub"); plan != "gold" || sub != ada {
		t.Errorf("got plan %q, sub %q in the ID token, want gold, %s", plan, sub, ada)
	}

	t.Run("a token may be refused, at a refresh too, and for an application itself", func(t *testing.T) {
		h.become(func(c hookCall) (int, string) {
			if c.Event == "token.before" {
				return 403, `{"message":"Not on Sundays."}`
			}
			return 204, ""
		})
		if got := redeemTold(t, b, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Refresh}}); got.Status != http.StatusForbidden {
			t.Errorf("refresh got %d, want 403", got.Status)
		}
		h.await(t, "token.before", func(c hookCall) bool { return c.Grant == "refresh_token" && c.Subject == ada })
		if got := redeemTold(t, b, url.Values{"grant_type": {"client_credentials"}}); got.Status != http.StatusForbidden {
			t.Errorf("client credentials got %d, want 403", got.Status)
		}
		h.await(t, "token.before", func(c hookCall) bool { return c.Grant == "client_credentials" && c.Subject == "" })
		h.become(nil)
		if got := redeemTold(t, b, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Refresh}}); got.Status != http.StatusOK {
			t.Errorf("the refresh after that got %d, want 200", got.Status)
		}
	})
	t.Run("a consent may be refused, and the page says why", func(t *testing.T) {
		h.become(func(c hookCall) (int, string) {
			if c.Event == "consent.before" {
				return 403, `{"message":"<b>Told</b> is for members."}`
			}
			return 204, ""
		})
		again := signUp(t, a, authorize(a, nil), "carl@example.com")
		h.await(t, "registration.after", nil) // not in the middle of what follows
		again.Submit(`form[action$="/consent"]`, map[string]string{"action": "allow"})
		if again.Status != http.StatusForbidden || !strings.Contains(again.Page.Text("main"), "<b>Told</b> is for members.") {
			t.Errorf("got %d: %s", again.Status, again.Page.Text("main"))
		}
		h.never(t, "consent.after")
	})
	t.Run("a sign-up may be refused, and leaves nobody", func(t *testing.T) {
		h.become(func(c hookCall) (int, string) {
			if c.Event == "registration.before" {
				return 403, `{"messages":[{"text":"Guests are not let in.","field":"traits.email"}]}`
			}
			return 204, ""
		})
		status, answer := signUpNatively(t, a, "bob@example.com")
		raw, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if status != http.StatusBadRequest || !strings.Contains(string(raw), "Guests are not let in.") {
			t.Errorf("got %d: %s", status, raw)
		}
		if n := knownPeople(t, a, "bob@example.com"); n != 0 {
			t.Errorf("got %d people, want none", n)
		}
		h.never(t, "registration.after")
	})
	t.Run("a receiver that does not answer refuses, with the id of the request", func(t *testing.T) {
		h.become(func(hookCall) (int, string) { return 500, "" })
		status, answer := signUpNatively(t, a, "bob@example.com")
		raw, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if status != http.StatusBadRequest || !strings.Contains(string(raw), `"id":4900002`) || !strings.Contains(string(raw), `"request":"`) {
			t.Errorf("got %d: %s", status, raw)
		}
		if n := knownPeople(t, a, "bob@example.com"); n != 0 {
			t.Errorf("got %d people, want none", n)
		}
	})
	h.become(nil)
	_, signedIn := native(t, a, "login", "", map[string]any{"method": "password", "identifier": "ada@example.com", "password": password})
	session, _ := signedIn["session_token"].(string)
	t.Run("a sign-in", func(t *testing.T) {
		h.await(t, "login.before", func(c hookCall) bool { return c.Subject == ada && c.Method == "password" && c.AAL == "aal1" })
		h.await(t, "login.after", func(c hookCall) bool { return c.Subject == ada && c.Session != "" && c.Request != "" })
	})
	t.Run("changes in settings", func(t *testing.T) {
		native(t, a, "settings", session, map[string]any{"method": "profile", "traits": map[string]any{"email": "ada2@example.com"}})
		h.await(t, "settings.before", func(c hookCall) bool { return c.Method == "profile" && c.Subject == ada })
		h.await(t, "settings.after", func(c hookCall) bool { return c.Method == "profile" && c.Change == "changed" })
		h.become(func(c hookCall) (int, string) {
			if c.Event == "settings.before" {
				return 403, `{"message":"Ask your administrator."}`
			}
			return 204, ""
		})
		if status, _ := native(t, a, "settings", session, map[string]any{"method": "password", "password": password + "!"}); status != http.StatusBadRequest {
			t.Errorf("got %d, want 400", status)
		}
		h.await(t, "settings.before", func(c hookCall) bool { return c.Method == "password" })
		h.never(t, "settings.after")
	})
	t.Run("a recovery signs in", func(t *testing.T) {
		h.become(nil)
		visitor := NewBrowser(t)
		visitor.Open(a.URLs.UI + "/recovery")
		visitor.answer(a, map[string]string{"method": "code", "email": "ada2@example.com"})
		code, _ := mailedOf(t, a, "ada2@example.com", "recovery") // the change of the address sent one too
		visitor.answer(a, map[string]string{"method": "code", "code": code})
		h.await(t, "login.before", func(c hookCall) bool { return c.Method == "code_recovery" && c.Subject == ada })
		h.await(t, "recovery.after", func(c hookCall) bool { return c.Method == "code_recovery" && c.Subject == ada && c.Session != "" })
		h.never(t, "login.after")
	})
	t.Run("a receiver that is away is told later, by another replica when the one that wrote is gone", func(t *testing.T) {
		h.become(func(c hookCall) (int, string) {
			if strings.HasSuffix(c.Event, ".after") {
				return 503, ""
			}
			return 204, ""
		})
		if status, _ := signUpNatively(t, a, "dora@example.com"); status != http.StatusOK {
			t.Fatalf("got %d, want 200", status)
		}
		first := h.await(t, "registration.after", nil)
		if err := a.Stop(); err != nil {
			t.Fatal(err)
		}
		h.become(nil)
		if again := h.await(t, "registration.after", nil); again.ID != first.ID || again.Raw != first.Raw {
			t.Errorf("got %s, want %s again", again.Raw, first.Raw)
		}
	})
	t.Run("the end of all access", func(t *testing.T) {
		if status, _ := asAdmin(t, b, http.MethodPatch, "/admin/identities/"+ada, []map[string]any{{"op": "replace", "path": "/state", "value": "inactive"}}); status != http.StatusOK {
			t.Fatalf("got %d, want 200", status)
		}
		h.await(t, "offboarding.after", func(c hookCall) bool { return c.Subject == ada && c.Reason == "deactivated" })
	})
	t.Run("what was given up is seen, and sent again", func(t *testing.T) {
		h.become(func(c hookCall) (int, string) {
			if c.Event == "registration.after" {
				return 410, ""
			}
			return 204, ""
		})
		signUpNatively(t, b, "eve@example.com")
		h.await(t, "registration.after", nil)
		var list stack.HookList
		for deadline := time.Now().Add(30 * time.Second); ; <-time.After(20 * time.Millisecond) {
			if list = hookList(t, b); len(list.Messages) == 1 && list.Messages[0].GivenUp != nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %+v, want one message that was given up", list)
			}
		}
		if list.Hooks[0].Dead != 1 || list.Messages[0].Reason != "answered with status 410, want 200 or 204" {
			t.Errorf("got %+v", list)
		}
		h.become(nil)
		if status, body := asAdmin(t, b, http.MethodPost, "/admin/identityd/hooks/retry", map[string]any{"all": true}); status != http.StatusOK || !strings.Contains(body, `"changed": 1`) && !strings.Contains(body, `"changed":1`) {
			t.Fatalf("got %d: %s", status, body)
		}
		h.await(t, "registration.after", nil)
	})
}

// TestASlowReceiverStopsNobodyElse: on SQLite one request at a time may write, but none while a receiver is asked.
func TestASlowReceiverStopsNobodyElse(t *testing.T) {
	h := newHooked(t)
	c := StartChanging(t, orStandIn(t), withFiles(t, map[string]string{"hooks": h.file(t, "  include: traits\n")}))
	asked, release := make(chan struct{}), make(chan struct{})
	h.become(func(c hookCall) (int, string) {
		if c.Event == "registration.before" {
			close(asked)
			<-release
		}
		return 204, ""
	})
	done := make(chan int, 1)
	go func() {
		status, _ := signUpNatively(t, c.Stack, "ada@example.com")
		done <- status
	}()
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatal("nobody was asked")
	}
	if status, _ := native(t, c.Stack, "login", "", map[string]any{"method": "password", "identifier": "nobody@example.com", "password": password}); status != http.StatusBadRequest {
		t.Errorf("got %d, want 400", status)
	}
	select {
	case status := <-done:
		t.Errorf("the sign-up ended with %d before its receiver answered: the other request waited for it", status)
	default:
	}
	close(release)
	if status := <-done; status != http.StatusOK {
		t.Errorf("the sign-up got %d, want 200", status)
	}
	h.await(t, "registration.after", func(c hookCall) bool { return c.Traits["email"] == "ada@example.com" })

	other := newHooked(t)
	c.MustChange(t, withFiles(t, map[string]string{"hooks": other.file(t, "")}))
	h.become(nil)
	signUpNatively(t, c.Stack, "bob@example.com")
	other.await(t, "registration.after", nil)
	h.never(t, "registration.before")
}
