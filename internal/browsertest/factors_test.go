package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/identityd/internal/stacktest"
)

// secondFactors sets up recovery codes and an authenticator app without a script, and uses both.
func secondFactors(t *testing.T, s *stacktest.Stack) {
	email := newPerson(t, s, "Joan")
	b := open(t, "factors")
	b.visit(s.URLs.UI + "/login")
	b.signIn(email, password)
	b.visit(s.URLs.UI + "/settings")
	if b.has(`//input[@name="totp_code"]`) {
		t.Error("an authenticator app can be set up before there are recovery codes")
	}
	b.shot("before")
	b.pressPath(`//button[@name="lookup_secret_regenerate"]`)
	b.heading("Settings")
	codes := b.texts(`//ol[@class="secrets"]//code`)
	if len(codes) != 12 {
		t.Fatalf("got %d recovery codes, want 12", len(codes))
	}
	b.shot("codes")
	// Not before the box is ticked: the browser itself refuses.
	b.click(`//button[@name="lookup_secret_confirm"]`)
	if !b.has(`//button[@name="lookup_secret_confirm"]`) {
		t.Fatal("codes are confirmed by somebody who has not kept them")
	}
	b.click(`//form[.//button[@name="lookup_secret_confirm"]]//input[@type="checkbox"]`)
	b.pressPath(`//button[@name="lookup_secret_confirm"]`)
	b.heading("Settings")
	b.shot("kept")
	secret := b.text(".secret code")
	b.fill("totp_code", oneTime(t, secret))
	b.pressPath(`//form[.//input[@name="totp_code"]]//button[@name="method"]`)
	b.heading("Settings")
	b.shot("app")
	signOut(b, s)

	b.visit(s.URLs.UI + "/login")
	b.signIn(email, password)
	b.heading("One more step")
	b.shot("second-step")
	b.pressText("None of these at hand?")
	b.heading("Your second step is out of reach")
	b.shot("help")
	b.pressText("Try another way")
	b.heading("One more step")
	b.fill("totp_code", oneTime(t, secret))
	b.pressPath(`//form[.//input[@name="totp_code"]]//button[@name="method"]`)
	b.heading("Your account")
	signOut(b, s)

	b.visit(s.URLs.UI + "/login")
	b.signIn(email, password)
	b.fill("lookup_secret", codes[0])
	b.pressPath(`//form[.//input[@name="lookup_secret"]]//button[@name="method"]`)
	b.heading("Your account")
	b.visit(s.URLs.UI + "/settings")
	b.pressPath(`//button[@name="lookup_secret_reveal"]`)
	if got := b.texts(`//ol[@class="secrets"]/li[@class="used"]`); len(got) != 1 {
		t.Errorf("got %d used codes, want the one that signed in", len(got))
	}
	b.shot("used")
	signOut(b, s)
}

// texts returns what a person reads in each element that an XPath finds.
func (b *tab) texts(path string) []string {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	nodes, err := chromedp.Run(ctx, chromedp.Nodes(chromedp.Search(path), chromedp.AtLeast(0)))
	if err != nil {
		b.fatal("looking for "+path, err)
	}
	var out []string
	for i := range nodes {
		text, err := chromedp.Run(ctx, chromedp.Text(chromedp.Search(fmt.Sprintf("(%s)[%d]", path, i+1))))
		if err != nil {
			b.fatal("reading "+path, err)
		}
		out = append(out, text)
	}
	return out
}
