package browsertest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/stacktest"
)

// keys takes a person through passkeys and a security key, with a virtual authenticator.
func keys(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Hedy")
	b := openScripted(t, "keys")
	device := b.authenticator()
	b.visit(s.URLs.UI + "/login")
	b.signIn(email, password)
	b.visit(s.URLs.UI + "/settings")
	b.heading("Settings")

	// Whoever says no is told in the page, and may try again.
	b.refuse(device, true)
	b.click(pressable("Add a passkey"))
	b.await(`//*[@id="said"][contains(., "canceled or took too long")]`)
	b.refuse(device, false)
	b.shot("refused")
	b.pressText("Add a passkey")
	b.heading("Settings")
	b.shows("Added on ")
	b.shot("passkey")

	b.fill("webauthn_register_displayname", "Blue key")
	b.pressText("Add a security key")
	b.heading("Settings")
	b.shows("Blue key")
	b.shot("security-key")
	signOut(b, s)

	// A passkey needs neither a name nor a password, but it is one factor.
	b.absent(device, true)
	b.visit(s.URLs.UI + "/login")
	b.shot("login")
	b.absent(device, false)
	b.pressText("Sign in with a passkey")
	b.heading("One more step")
	b.shot("second-step")
	b.pressText("Sign in with a security key")
	b.heading("Your account")

	b.visit(s.URLs.UI + "/settings")
	b.pressPath(`//li[contains(., "Blue key")]//button`)
	b.heading("Settings")
	if strings.Contains(b.text("body"), "Blue key") {
		t.Error("the key that was removed is still there")
	}
	signOut(b, s)

	// The browser offers the passkey in the field for the sign-in name, and the person takes it.
	b.visit(s.URLs.UI + "/login")
	b.await(`//h1[.="Your account"]`)
	signOut(b, s)
}

func signUpWithPasskey(t *testing.T, s *stacktest.Stack) {
	b := openScripted(t, "passkey-sign-up")
	b.authenticator()
	b.visit(s.URLs.UI + "/registration")
	b.heading("Create your account")
	b.shot("form")
	// The passkey is named after what has to be filled in first.
	b.click(pressable("Sign up with a passkey"))
	b.heading("Create your account")
	b.fill("traits.email", "mary@example.com")
	b.pressText("Sign up with a passkey")
	b.heading("Your account")
	b.shows("mary@example.com")
	b.visit(s.URLs.UI + "/settings")
	b.shows("This is your only way to sign in, so it stays.")
	b.shot("only-way")
	takePasskey(t, s, "mary@example.com")
}

// takePasskey takes the passkey that a browser made, which is all that the person has, as an administrator does.
func takePasskey(t *testing.T, s *stacktest.Stack, email string) {
	t.Helper()
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URLs.KratosAdmin+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(raw)
	}
	_, found := ask(http.MethodGet, "/admin/identities?credentials_identifier="+email, "")
	var people []struct{ ID string }
	if err := json.Unmarshal([]byte(found), &people); err != nil || len(people) != 1 {
		t.Fatalf("got %s (%v)", found, err)
	}
	path := "/admin/identityd/identities/" + people[0].ID + "/factors"
	if status, body := ask(http.MethodGet, path, ""); status != http.StatusOK || !strings.Contains(body, `"kind":"passkey"`) {
		t.Fatalf("got %d: %s", status, body)
	}
	if status, body := ask(http.MethodPost, path+"/reset", `{"kind":"passkey"}`); status != http.StatusConflict {
		t.Fatalf("without force: got %d: %s", status, body)
	}
	if status, body := ask(http.MethodPost, path+"/reset", `{"kind":"passkey","force":true}`); status != http.StatusOK {
		t.Fatalf("with force: got %d: %s", status, body)
	}
	if status, body := ask(http.MethodGet, path, ""); status != http.StatusOK || !strings.Contains(body, `"factors":[]`) {
		t.Errorf("after it: got %d: %s", status, body)
	}
}

// signOut leaves by the page of Kratos' own logout.
func signOut(b *tab, s *stacktest.Stack) {
	b.t.Helper()
	b.visit(s.URLs.UI)
	b.pressText("Sign out")
	b.heading("You are signed out")
}
