package mails_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/mails"
)

var update = golden.Flag()

func offering(t *testing.T, languages ...string) *locale.Texts {
	t.Helper()
	texts, err := locale.Load(languages)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func written(t *testing.T, change func(*mails.Config)) *mails.Mails {
	t.Helper()
	cfg := mails.Config{
		Texts: offering(t, locale.Languages()...), Pages: "https://id.example.com/", CodeLife: 15 * time.Minute,
		Brand: mails.Brand{Name: "Northwind & Söhne", Support: "https://example.com/help"},
	}
	if change != nil {
		change(&cfg)
	}
	m, err := mails.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailsAsTheyAreSent(t *testing.T) {
	m := written(t, nil)
	for _, lang := range []string{"de", "ar"} {
		mail, err := m.Preview(mails.VerificationCode, lang)
		if err != nil {
			t.Fatal(err)
		}
		golden.Text(t, *update, "verification."+lang+".txt", "Subject: "+mail.Subject+"\n\n"+mail.Text)
		golden.Text(t, *update, "verification."+lang+".html", mail.HTML)
	}
}

func TestEveryMailIsWholeInEveryLanguage(t *testing.T) {
	m := written(t, nil)
	for _, kind := range mails.Kinds() {
		english := ""
		for _, lang := range locale.Languages() {
			t.Run(string(kind)+" in "+lang, func(t *testing.T) {
				mail, err := m.Preview(kind, lang)
				if err != nil {
					t.Fatal(err)
				}
				page := htmltest.ParseString(t, mail.HTML)
				if got := page.Attr("html", "lang"); got != lang {
					t.Errorf("got language %q", got)
				}
				if got, want := page.Attr("html", "dir"), map[bool]string{true: "rtl", false: "ltr"}[lang == "ar"]; got != want {
					t.Errorf("got direction %q, want %q", got, want)
				}
				page.Missing("img, script, link, iframe, [src]")
				for part, text := range map[string]string{"subject": mail.Subject, "text": mail.Text, "html": mail.HTML} {
					for _, wrong := range []string{"%!", "<no value>", "ZgotmplZ", "ACCENT", "\ue000", "{{"} {
						if strings.Contains(text, wrong) {
							t.Errorf("%s: holds %q:\n%s", part, wrong, text)
						}
					}
				}
				if strings.Contains(string(kind), "code_valid") {
					if got := page.Text(".m-code"); got != "135790" || !strings.Contains(mail.Text, "\n135790\n") || !strings.Contains(mail.Subject, "135790") {
						t.Errorf("code: got %q in the page, subject %q and text:\n%s", got, mail.Subject, mail.Text)
					}
				}
				if lang == "en" {
					english = mail.Text
				} else if mail.Text == english {
					t.Errorf("got English")
				}
			})
		}
	}
}

func TestTheLanguageIsThatOfTheAddress(t *testing.T) {
	m := written(t, func(c *mails.Config) { c.Texts = offering(t, "fr", "de") })
	for lang, want := range map[string]string{
		"de": "135790 ist Ihr Code zum Anmelden bei Northwind & Söhne", "fr": "135790 est votre code pour vous connecter à Northwind & Söhne",
		"ja": "135790 est votre code pour vous connecter à Northwind & Söhne", "": "135790 est votre code pour vous connecter à Northwind & Söhne",
		"de&lang=fr": "135790 ist Ihr Code zum Anmelden bei Northwind & Söhne",
	} {
		mail, err := m.Preview(mails.SignInCode, lang)
		if err != nil {
			t.Fatal(err)
		}
		if mail.Subject != want {
			t.Errorf("%q: got %q, want %q", lang, mail.Subject, want)
		}
	}
}

func TestALetterOfOurOwnStaysText(t *testing.T) {
	m := written(t, func(c *mails.Config) { c.Brand.Accent = "#fc0" })
	p := m.Printer("de")
	mail, err := m.Compose(p, mails.Letter{
		Subject: "Hallo", Title: "<b>Titel</b>", Text: "100% {{.To}} <script>alert(1)</script>",
		Button: "Los", Link: "https://id.example.com/login?" + url.Values{"a": {"b c"}}.Encode(), Ignore: "nichts",
	})
	if err != nil {
		t.Fatal(err)
	}
	page := htmltest.ParseString(t, mail.HTML)
	page.Missing("script, b")
	for selector, want := range map[string]string{"h1": "<b>Titel</b>", "html head title": "Hallo"} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	if got, want := page.Attr(".m-card a", "href"), "https://id.example.com/login?a=b+c"; got != want {
		t.Errorf("link: got %q, want %q", got, want)
	}
	if got := page.Attr(".m-card a", "style"); !strings.Contains(got, "background-color:#ffcc00") || !strings.Contains(got, "color:#000000") {
		t.Errorf("button: got %q, want black on the brand's yellow", got)
	}
	if want := "Los\nhttps://id.example.com/login?a=b+c\n"; !strings.Contains(mail.Text, want) {
		t.Errorf("text: got %q, want %q in it", mail.Text, want)
	}
	link, err := m.Compose(p, mails.Letter{Button: "Los", Link: "javascript:alert(1)"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(link.HTML, "javascript:") {
		t.Error("a script is a link")
	}
}

func TestABrandThatCannotBeIsAnError(t *testing.T) {
	for name, cfg := range map[string]mails.Config{
		"a color in words": {Brand: mails.Brand{Accent: "red;}"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := mails.New(cfg); err == nil {
				t.Error("got no error")
			}
		})
	}
}
