package browsertest

import (
	"testing"

	"example.com/identityd/internal/stacktest"
)

// TestDevelopment takes people through a stack as `identityd serve` starts it.
func TestDevelopment(t *testing.T) {
	chrome.need(t)
	s := stacktest.Start(t)
	t.Run("a new person signs up, consents, is known to a second application and signs out", func(t *testing.T) {
		signUpAndOut(t, s)
	})
	t.Run("a forgotten password is replaced with a code from the inbox, on the way to an application", func(t *testing.T) {
		recoverAccount(t, s)
	})
	t.Run("a person signs up without an application and verifies the address", func(t *testing.T) {
		signUpWithoutApplication(t, s)
	})
	t.Run("a verified address shows in the next ID token", func(t *testing.T) { verify(t, s) })
	t.Run("a new name shows in the next token, and a new password signs in", func(t *testing.T) { settle(t, s) })
	t.Run("a passkey signs in, and a security key is the second step", func(t *testing.T) { keys(t, s) })
	t.Run("somebody signs up with a passkey", func(t *testing.T) { signUpWithPasskey(t, s) })
	t.Run("recovery codes come before an authenticator app, and both are a second step, without scripts", func(t *testing.T) { secondFactors(t, s) })
	t.Run("signing out reaches both engines in one browser, and applications in frames", func(t *testing.T) { signOutBothWays(t, s) })
	t.Run("an answer is posted to the application, with a script and without", func(t *testing.T) { postAnswers(t, s) })
	t.Run("the steps of the guide end with an access token", func(t *testing.T) { guide(t, s) })
	t.Run("the demo shows a newcomer everything", func(t *testing.T) { showDemo(t, s) })
}

func signUpAndOut(t *testing.T, s *stacktest.Stack) {
	const email = "ada@example.com"
	notes := newApplication(t, s, "Notes", nil)
	b := open(t, "journey")

	b.visit(notes.url)
	b.shows("no script ran")
	b.pressText("Sign in")
	b.heading("Sign in")
	b.shows("to continue to Notes")
	b.shot("sign-in")
	b.pressText("Create an account")
	b.heading("Create your account")
	b.shot("sign-up")
	b.signUp(email, password)
	b.heading("Notes wants to use your account")
	b.shows("Signed in as " + email)
	b.shot("consent")
	b.pressText("Allow")
	b.heading("Signed in to Notes")
	b.at(notes.url + "/callback")

	got := notes.tokens()
	if got, want := got.Claims["email"], any(email); got != want {
		t.Errorf("got email %v in the ID token, want %v", got, want)
	}
	if got, want := got.Userinfo["email"], any(email); got != want {
		t.Errorf("got email %v from userinfo, want %v", got, want)
	}

	// The second application: no password any more, but a consent of its own.
	calendar := newApplication(t, s, "Calendar", nil)
	b.visit(calendar.url)
	b.pressText("Sign in")
	b.heading("Calendar wants to use your account")
	b.pressText("Deny")
	b.heading("Not signed in")
	b.shows("access_denied")
	b.visit(calendar.url + "/sign-in")
	b.heading("Calendar wants to use your account")
	b.pressText("Allow")
	b.heading("Signed in to Calendar")
	if got, want := calendar.tokens().Claims["sub"], got.Claims["sub"]; got != want {
		t.Errorf("got subject %v at the second application, want %v", got, want)
	}

	b.visit(s.URLs.UI)
	b.heading("Your account")
	b.shot("home")

	b.visit(notes.url + "/sign-out")
	b.at(s.URLs.UI + "/logout")
	b.shot("sign-out")
	b.pressText("Yes, sign out")
	b.heading("Signed out of Notes")

	b.visit(s.URLs.UI)
	b.heading("Welcome")
	b.shot("welcome")
	b.visit(notes.url + "/sign-in")
	b.heading("Sign in")
}
