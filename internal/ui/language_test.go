package ui

import (
	"net/http"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/locale"
)

func englishWords(t testing.TB) *locale.Printer {
	t.Helper()
	texts, err := locale.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return texts.Default()
}

func newUIIn(t testing.TB, f *fake, locales ...string) *UI {
	t.Helper()
	cfg := config(f)
	var err error
	if cfg.Texts, err = locale.Load(locales); err != nil {
		t.Fatal(err)
	}
	return newUIWith(t, cfg)
}

// getIn asks for a page with an Accept-Language header.
func (b *browser) getIn(accept, target string) answer {
	b.t.Helper()
	b.accept = accept
	defer func() { b.accept = "" }()
	return b.get(target)
}

func TestPagesSpeakTheLanguageOfTheBrowser(t *testing.T) {
	u := newUIIn(t, engines(), locale.Languages()...)
	for accept, want := range map[string]string{
		"": "en", "de-AT,de;q=0.9": "de", "pt": "pt-BR", "zh-CN": "zh-Hans", "ar-EG": "ar", "sw": "en",
		"nonsense;;;q=x": "en", strings.Repeat("de,", 2000): "en", "fr;q=0.5, es": "es",
	} {
		name := "asked for " + accept
		if len(accept) > 40 {
			name = "asked for endlessly many"
		}
		t.Run(name, func(t *testing.T) {
			page := newBrowser(t, u).getIn(accept, "/login?flow=x").shows(http.StatusOK)
			if got := page.Attr("html", "lang"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			dir := "ltr"
			if want == "ar" {
				dir = "rtl"
			}
			if got := page.Attr("html", "dir"); got != dir {
				t.Errorf("got %q, want %q", got, dir)
			}
			if got := page.Attr("[aria-current=true]", "value"); got != want {
				t.Errorf("chooser: got %q, want %q", got, want)
			}
		})
	}
}

func TestTheChosenLanguageIsRememberedAndComesBack(t *testing.T) {
	f := engines()
	f.whoami = signedOut
	b := newBrowser(t, newUIIn(t, f, locale.Languages()...))
	page := b.getIn("fr", "/login?flow=x&code=123456").shows(http.StatusOK)
	form := page.Form("footer form")
	if got, want := form.Fields.Get("back"), "/login?flow=x&code=123456"; got != want {
		t.Errorf("back: got %q, want %q", got, want)
	}
	form.Fields.Set("lang", "de")
	b.get(form.Action + "?" + form.Fields.Encode()).goesTo(uiURL + "/login?flow=x&code=123456")
	page = b.getIn("fr", "/login?flow=x").shows(http.StatusOK)
	if got, want := page.Text("h1"), "Anmelden"; got != want {
		t.Errorf("heading: got %q, want %q", got, want)
	}
	b.getIn("fr", "/login").goesTo(kratosURL + "/self-service/login/browser?lang=de")
	for name, back := range map[string]string{
		"another site": "https://evil.example/", "a host": "//evil.example", "a backslash": `/\evil.example`,
		"no slash": "evil", "nothing": "", "itself": "/account/language?lang=de", "a script": "javascript:alert(1)",
	} {
		t.Run("does not come back to "+name, func(t *testing.T) {
			form.Fields.Set("back", back)
			b.get(form.Action + "?" + form.Fields.Encode()).goesTo(uiURL + "/")
		})
	}
	b.get("/account/language?lang=xx").shows(http.StatusBadRequest)
	b.get("/account/language").shows(http.StatusBadRequest)
}

func TestOneLanguageIsNotToBeChosen(t *testing.T) {
	f := engines()
	f.whoami = signedOut
	b := newBrowser(t, newUIIn(t, f, "de"))
	page := b.getIn("fr", "/login?flow=x").shows(http.StatusOK)
	page.Missing("footer form")
	if got := page.Attr("html", "lang"); got != "de" {
		t.Errorf("got %q, want de", got)
	}
	b.get("/login").goesTo(kratosURL + "/self-service/login/browser")
}

func TestAnAnswerToAFormComesBackToTheStartPage(t *testing.T) {
	b := newBrowser(t, newUIIn(t, engines(), "en", "ar"))
	page := b.post("/consent", nil)
	if page.status != http.StatusForbidden {
		t.Fatalf("got %d", page.status)
	}
	form := htmltest.ParseString(t, page.body).Form("footer form")
	if got, want := form.Fields.Get("back"), "/"; got != want {
		t.Errorf("back: got %q, want %q", got, want)
	}
}
