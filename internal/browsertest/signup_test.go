package browsertest

import (
	"testing"

	"example.com/identityd/internal/stacktest"
)

func TestClosedRegistrationOffersNoSignUp(t *testing.T) {
	chrome.need(t)
	s := stacktest.Start(t, stacktest.Set("registration.mode", "closed"))
	email := newPerson(t, s, "Grace")
	notes := newApplication(t, s, "Ledger", map[string]any{"skip_consent": true})
	b := open(t, "closed")
	b.visit(s.URLs.UI)
	b.heading("Welcome")
	b.shot("welcome")
	if b.has(`//a[contains(@href, "registration")]`) {
		t.Error("the start page leads to a sign-up that is closed")
	}
	b.visit(notes.url + "/sign-in")
	b.heading("Sign in")
	b.shot("sign-in")
	if b.has(`//a[contains(@href, "registration")]`) {
		t.Error("the sign-in leads to a sign-up that is closed")
	}
	b.allow("403")
	b.visit(s.URLs.UI + "/registration?" + b.address().RawQuery)
	b.heading("Sign-up is closed")
	b.shot("sign-up")
	b.visit(notes.url + "/sign-in")
	b.signIn(email, password)
	b.heading("Signed in to Ledger")
}

func TestARequiredAddress(t *testing.T) {
	chrome.need(t)
	s := stacktest.Start(t,
		stacktest.Set("registration.steps", "two"), stacktest.Set("identity.verification", "required"))
	t.Run("is proven between the two steps of a sign-up and the application", func(t *testing.T) {
		twoSteps(t, s)
	})
	t.Run("is asked for again at the next sign-in of somebody who left", func(t *testing.T) {
		leaveAndReturn(t, s)
	})
}

func twoSteps(t *testing.T, s *stacktest.Stack) {
	const email = "hedy@example.com"
	notes := newApplication(t, s, "Radio", map[string]any{"skip_consent": true})
	b := open(t, "two-steps")
	b.visit(notes.url + "/sign-in")
	b.pressText("Create an account")
	b.heading("Create your account")
	b.shot("who")
	b.fill("traits.email", email)
	b.press("main button[name=method]")
	b.shot("password")
	b.pressText("Back")
	if got := b.value("traits.email"); got != email {
		t.Errorf("got address %q after going back, want %q", got, email)
	}
	b.press("main button[name=method]")
	b.fill("password", password)
	b.press("main button[name=method]")
	b.heading("Check your mail")
	b.shot("check-your-mail")
	b.useCode(b.mail(s, email, "erify"))
	b.press("main form:not(.again) button[name=method]")
	b.heading("Signed in to Radio")
	if got, want := notes.tokens().Claims["email_verified"], any(true); got != want {
		t.Errorf("got email_verified %v, want %v", got, want)
	}
}

func leaveAndReturn(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Joan")
	notes := newApplication(t, s, "Ciphers", map[string]any{"skip_consent": true})
	b := open(t, "required")
	b.visit(notes.url + "/sign-in")
	b.signIn(email, password)
	b.shot("unverified")
	b.pressPath(`//main/a[contains(@class, "primary")]`)
	b.shot("verification")
	b.fill("email", email)
	b.press("main button[name=method]")
	b.heading("Check your mail")
	b.useCode(b.mail(s, email, "erify"))
	b.press("main form:not(.again) button[name=method]")
	b.shot("verified")
	b.pressPath(`//main/a[contains(@class, "primary")]`)
	b.signIn(email, password)
	b.heading("Signed in to Ciphers")
	if got, want := notes.tokens().Claims["email_verified"], any(true); got != want {
		t.Errorf("got email_verified %v, want %v", got, want)
	}
}
