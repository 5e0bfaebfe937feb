package mails

import (
	"strings"
	"testing"

	"example.com/identityd/internal/locale"
)

func TestTheMailToWhomeverLostAFactor(t *testing.T) {
	all := locale.Languages()
	texts, err := locale.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{Texts: texts, Brand: Brand{Name: "Northwind"}, Pages: "https://id.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	about := Factors{Kinds: []string{"totp", "passkey"}, Login: "https://id.example.com/login", Recovery: "https://id.example.com/recovery"}
	seen := map[string]string{}
	for _, lang := range all {
		mail, err := m.FactorRemoved(lang, about)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[mail.Subject]; twice {
			t.Errorf("%s and %s have the same subject", lang, other)
		}
		seen[mail.Subject] = lang
		for _, want := range []string{"Northwind", about.Login, about.Recovery} {
			if !strings.Contains(mail.Text, want) {
				t.Errorf("%s: the text does not say %q:\n%s", lang, want, mail.Text)
			}
		}
	}
	german, err := m.FactorRemoved("de", about)
	if want := "die Authentifizierungs-App, ein Passkey"; err != nil || !strings.Contains(german.Text, want) {
		t.Errorf("got error %v and\n%s\nwant it to name %q", err, german.Text, want)
	}
	bare, err := m.FactorRemoved("en", Factors{Kinds: []string{"webauthn", "lookup_secret"}, Login: about.Login})
	if err != nil || strings.Contains(bare.Text, "get back in here") || !strings.Contains(bare.Text, "a security key, the recovery codes") {
		t.Errorf("got error %v and\n%s", err, bare.Text)
	}
}
