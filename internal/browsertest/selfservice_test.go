package browsertest

import (
	"strings"
	"testing"

	"example.com/identityd/internal/stacktest"
)

const newPassword = "another-horse-battery-7"

func recoverAccount(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Bertha")
	notes := newApplication(t, s, "Letters", map[string]any{"skip_consent": true})
	b := open(t, "recovery")

	b.visit(notes.url + "/sign-in")
	b.signIn(email, "not-the-password")
	b.heading("Sign in")
	b.shot("wrong-password")
	b.pressText("Forgot your password?")
	b.heading("Forgot your password?")
	b.shot("forgot")
	b.fill("email", email)
	b.press("main button[name=method]")
	b.heading("Check your mail")
	b.shot("sent")

	b.mail(s, email, "ecover")
	b.shot("inbox")
	// Once more, for the page loads itself anew after some seconds, which would swallow a click.
	b.pressPath(b.mail(s, email, "ecover") + "/a[1]")
	b.shot("mail")
	mail := b.address().String()
	b.visit(mail + "/html") // what its frame shows, which is a page of its own
	b.shows("Get back into your account")
	b.visit(mail)
	b.pressText("Use this code")
	if got := b.value("code"); len(got) != 6 {
		t.Errorf("got a code of %d characters in the form, want the mail's 6", len(got))
	}
	b.shot("code")
	b.press("main form:not(.again) button[name=method]")
	b.heading("Settings")
	b.shows("You are back in.")
	b.shot("recovered")
	b.fill("password", newPassword)
	b.press("section:has(input[name=password]) button[name=method]")
	// Nobody types a password again right after choosing one.
	b.heading("Signed in to Letters")
	if got, want := notes.tokens().Claims["email"], any(email); got != want {
		t.Errorf("got email %v, want %v", got, want)
	}

	old := open(t, "recovery-old")
	old.visit(notes.url + "/sign-in")
	old.signIn(email, password)
	old.heading("Sign in")
	if !old.has(`//*[@role="alert"]`) {
		t.Error("the old password is refused without a word")
	}
}

func signUpWithoutApplication(t *testing.T, s *stacktest.Stack) {
	const email = "ida@example.com"
	b := open(t, "alone")
	b.visit(s.URLs.UI)
	b.pressText("Create an account")
	b.signUp(email, password)
	b.heading("Your account")
	b.shot("home")
	b.pressText("Open the inbox")
	b.heading("Inbox")
	b.openLink(b.mail(s, email, "erify"))
	b.press("main form:not(.again) button[name=method]")
	b.heading("Your address is verified")
	b.shot("verified")
	b.pressText("Continue")
	b.heading("Your account")
	b.shows("Signed in as " + email)
	b.pressText("Sign out")
	b.visit(s.URLs.UI)
	b.heading("Welcome")
}

func verify(t *testing.T, s *stacktest.Stack) {
	const email = "clara@example.com"
	notes := newApplication(t, s, "Photos", nil)
	b := open(t, "verification")
	b.visit(notes.url + "/sign-in")
	b.pressText("Create an account")
	b.signUp(email, password)
	b.pressText("Allow")
	b.heading("Signed in to Photos")
	if got, want := notes.tokens().Claims["email_verified"], any(false); got != want {
		t.Errorf("got email_verified %v before, want %v", got, want)
	}

	// The way to the application went on without the mail, so no flow waits for it in this browser.
	b.openLink(b.mail(s, email, "erify"))
	b.shot("code")
	b.press("main form:not(.again) button[name=method]")
	b.heading("Your address is verified")
	b.shot("verified")

	b.visit(notes.url + "/sign-in")
	if b.text("h1") != "Signed in to Photos" {
		b.pressText("Allow")
	}
	b.heading("Signed in to Photos")
	if got, want := notes.tokens().Claims["email_verified"], any(true); got != want {
		t.Errorf("got email_verified %v afterwards, want %v", got, want)
	}
}

func settle(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Dorothea")
	notes := newApplication(t, s, "Diary", map[string]any{"skip_consent": true})
	b := open(t, "settings")
	b.visit(notes.url + "/sign-in")
	b.signIn(email, password)
	b.heading("Signed in to Diary")
	if got, want := notes.tokens().Claims["name"], any("Dorothea"); got != want {
		t.Errorf("got name %v before, want %v", got, want)
	}

	b.visit(s.URLs.UI)
	b.pressText("Settings")
	b.heading("Settings")
	b.shot("settings")
	const name = "Dorothea <b>Erxleben</b> & Söhne"
	b.fill("traits.name", name)
	b.press("section:has(input[name='traits.name']) button")
	b.heading("Settings")
	if got, want := b.value("traits.name"), name; got != want {
		t.Errorf("got name %q in the form, want %q", got, want)
	}
	b.shot("saved")
	b.fill("password", "short")
	b.press("section:has(input[name=password]) button[name=method]")
	b.shot("short-password")
	b.fill("password", newPassword)
	b.press("section:has(input[name=password]) button[name=method]")
	b.heading("Settings")
	b.shot("new-password")

	b.visit(notes.url + "/sign-in")
	b.heading("Signed in to Diary")
	got := notes.tokens()
	if got, want := got.Claims["name"], any(name); got != want {
		t.Errorf("got name %v in the ID token, want %v", got, want)
	}
	if got, want := got.Userinfo["name"], any(name); got != want {
		t.Errorf("got name %v from userinfo, want %v", got, want)
	}

	b.visit(s.URLs.UI)
	b.pressText("Sign out")
	b.heading("You are signed out")
	b.shot("signed-out")
	b.visit(notes.url + "/sign-in")
	b.heading("Sign in") // Hydra's session ended with Kratos'

	fresh := open(t, "settings-fresh")
	fresh.visit(s.URLs.UI + "/login")
	fresh.signIn(email, newPassword)
	fresh.heading("Your account")
	if got := fresh.text("main"); !strings.Contains(got, email) {
		t.Errorf("got %q, want the address %s in it", got, email)
	}
}
