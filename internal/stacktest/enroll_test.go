package stacktest

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"example.com/identityd/internal/ui"
)

// TestSecondFactorForEverybody is about somebody without a second factor where everybody has to have one: the
// way to the application leads through setting one up, and on.
func TestSecondFactorForEverybody(t *testing.T) {
	s := Start(t, orStandIn(t), Set("login.second.required", "always"), Set("mail.style", "link"))
	start := application(t, s)
	member(t, s, "una@example.com")
	b := NewBrowser(t)
	b.Open(start)
	b.answer(s, map[string]string{"identifier": "una@example.com", "password": password, "method": "password"})
	if b.URL.Path != ui.EnrollPath {
		t.Fatalf("got %s, want the page that asks for a second factor", b.URL.Redacted())
	}
	t.Run("no way leads around it", func(t *testing.T) {
		for _, address := range []string{s.URLs.UI + "/", start} {
			b.Open(address)
			if b.URL.Path != ui.EnrollPath {
				t.Errorf("%s: got %s", address, b.URL.Redacted())
			}
		}
	})
	b.Open(s.URLs.UI + "/settings")
	secret, _ := node(t, b.flow(s), "totp_secret_key").Attributes.Text.Context["secret"].(string)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.answer(s, map[string]string{"method": "totp", "totp_code": code})
	t.Run("the settings lead on to the application", func(t *testing.T) {
		onward, err := b.URL.Parse(b.Page.Attr(`a[href*="/account/continue"]`, "href"))
		if err != nil {
			t.Fatal(err)
		}
		b.Open(onward.String())
		if b.URL.Path != "/consent" {
			t.Errorf("got %s, want the consent of the application", b.URL.Redacted())
		}
	})
	t.Run("from then on it is asked for, and leads to the application", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(start)
		b.answer(s, map[string]string{"identifier": "una@example.com", "password": password, "method": "password"})
		b.answer(s, map[string]string{"method": "totp", "totp_code": code})
		if b.URL.Path != "/consent" {
			t.Errorf("got %s, want the consent of the application", b.URL.Redacted())
		}
	})
	t.Run("recovery by a link", func(t *testing.T) { testRecoveryByLink(t, s) })
}

// testRecoveryByLink follows the link of a mail as a mail scanner does, and then as the person.
func testRecoveryByLink(t *testing.T, s *Stack) {
	const email = "lou@example.com"
	member(t, s, email)
	asks := NewBrowser(t)
	asks.Open(s.URLs.UI + "/recovery")
	asks.answer(s, map[string]string{"email": email, "method": "link"})
	link := ""
	for deadline := time.Now().Add(30 * time.Second); link == "" && time.Now().Before(deadline); {
		var mails []struct{ Recipient, Body, Status string }
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
		for _, m := range mails {
			if m.Recipient == email && m.Status == "sent" {
				link = strings.ReplaceAll(regexp.MustCompile(`http://\S*token=\S*`).FindString(m.Body), "&amp;", "&")
			}
		}
	}
	if u, err := url.Parse(link); err != nil || u.Query().Get("token") == "" {
		t.Fatalf("got link %q, want one with a token", link)
	}
	scanner := NewBrowser(t)
	scanner.Open(link)
	if scanner.URL.Path != ui.ConfirmPath || scanner.whoami(s) != nil {
		t.Fatalf("got %s, want a page with a button and no session", scanner.URL.Redacted())
	}
	// On another device than the one that asked.
	person := NewBrowser(t)
	person.Open(link)
	person.Submit("main form", nil)
	if got := person.whoami(s); got == nil || got.Identity.Traits["email"] != email || person.URL.Path != "/settings" {
		t.Fatalf("got %s and session %+v, want the settings of who asked", person.URL.Redacted(), got)
	}
	scanner.Submit("main form", nil)
	if scanner.whoami(s) != nil {
		t.Error("the link works twice")
	}
}
