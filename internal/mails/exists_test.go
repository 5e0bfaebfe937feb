package mails

import (
	"strings"
	"testing"

	"example.com/identityd/internal/locale"
)

func TestTheMailToTheOwnerOfAnAddress(t *testing.T) {
	all := locale.Languages()
	texts, err := locale.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{Texts: texts, Brand: Brand{Name: "Northwind"}, Pages: "https://id.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	about := Exists{
		App: "<b>Notes</b>", Password: true, Passkey: true, Providers: []string{"Google"},
		Login: "https://id.example.com/login", Recovery: "https://id.example.com/recovery",
	}
	seen := map[string]string{}
	for _, lang := range all {
		mail, err := m.AccountExists(lang, about)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[mail.Text]; twice {
			t.Errorf("%s and %s read the same", lang, other)
		}
		seen[mail.Text] = lang
		for _, want := range []string{"Google", about.Login, about.Recovery, "<b>Notes</b>"} {
			if !strings.Contains(mail.Text, want) {
				t.Errorf("%s: the text does not say %q:\n%s", lang, want, mail.Text)
			}
		}
		if strings.Contains(mail.HTML, "<b>Notes") || !strings.Contains(mail.HTML, `href="`+about.Login+`"`) {
			t.Errorf("%s: got HTML\n%s", lang, mail.HTML)
		}
	}
	bare, err := m.AccountExists("xx", Exists{Login: about.Login})
	if err != nil || strings.Contains(bare.Text, "You sign in with") || strings.Contains(bare.Text, "on your way") {
		t.Errorf("got error %v and a mail of more than is known:\n%s", err, bare.Text)
	}
}
