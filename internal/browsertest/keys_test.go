package browsertest

import (
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
}

// signOut leaves by the page of Kratos' own logout.
func signOut(b *tab, s *stacktest.Stack) {
	b.t.Helper()
	b.visit(s.URLs.UI)
	b.pressText("Sign out")
	b.heading("You are signed out")
}
