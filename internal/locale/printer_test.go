package locale

import (
	"strings"
	"testing"
	"time"
)

func in(t *testing.T, tag string) *Printer {
	t.Helper()
	texts, err := Load(Languages())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := texts.In(tag)
	if !ok {
		t.Fatalf("no texts in %s", tag)
	}
	return p
}

func TestTextChoosesThePluralForm(t *testing.T) {
	const key = "Please use at least %d characters."
	for _, tt := range []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 1, "Please use at least one character."},
		{"en", 8, "Please use at least 8 characters."},
		{"de", 1, "Bitte verwenden Sie mindestens ein Zeichen."},
		{"de", 1000, "Bitte verwenden Sie mindestens 1.000 Zeichen."},
		{"ar", 2, "يرجى استخدام حرفين على الأقل."},
		{"ar", 8, "يرجى استخدام 8 أحرف على الأقل."},
		{"ar", 12, "يرجى استخدام 12 حرفًا على الأقل."},
		{"ja", 1, "1 文字以上で入力してください。"},
	} {
		if got := in(t, tt.tag).Text(key, tt.n); got != tt.want {
			t.Errorf("%s %d: got %q, want %q", tt.tag, tt.n, got, tt.want)
		}
	}
}

func TestHTMLSetsApartWhatOthersWrote(t *testing.T) {
	for name, tt := range map[string]struct{ tag, arg, want string }{
		"markup":            {"de", `<b>"x"&`, "<bdi>&lt;b&gt;&#34;x&#34;&amp;</bdi> möchte Ihr Konto verwenden"},
		"a verb":            {"fr", "100%s", "<bdi>100%s</bdi> souhaite utiliser votre compte"},
		"a placeholder":     {"en", "\ue0000\ue001", "<bdi>\ue0000\ue001</bdi> wants to use your account"},
		"the other way":     {"ar", "Notes", "يريد <bdi>Notes</bdi> استخدام حسابك"},
		"an empty argument": {"en", "", "<bdi></bdi> wants to use your account"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(in(t, tt.tag).HTML("%s wants to use your account", tt.arg)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	const key = "Please use at least %d characters."
	if got, want := string(in(t, "en").HTML(key, 1)), "Please use at least one character."; got != want {
		t.Errorf("a number: got %q, want %q", got, want)
	}
}

func TestKnownLeavesForeignSentencesAsTheyAre(t *testing.T) {
	p := in(t, "de")
	for sentence, want := range map[string]string{
		"Sign in": "Anmelden", "100% of %s, you know": "100% of %s, you know", "": "",
	} {
		if got := p.Known(sentence); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDatesAndNumbers(t *testing.T) {
	at := time.Date(2026, time.March, 1, 23, 30, 0, 0, time.FixedZone("CET", 3600))
	for tag, want := range map[string][2]string{
		"en": {"March 1, 2026, 22:30 UTC", "12,345"}, "de": {"1. März 2026, 22:30 UTC", "12.345"},
		"fr": {"1er mars 2026 à 22:30 UTC", "12\u00a0345"}, "es": {"1 de marzo de 2026, 22:30 UTC", "12.345"},
		"pt-BR": {"1 de março de 2026, 22:30 UTC", "12.345"}, "ja": {"2026年3月1日 22:30 UTC", "12,345"},
		"zh-Hans": {"2026年3月1日 22:30 UTC", "12,345"}, "ar": {"1 مارس 2026، 22:30 UTC", "12,345"},
	} {
		p := in(t, tag)
		if got := p.DateTime(at); got != want[0] {
			t.Errorf("%s: got %q, want %q", tag, got, want[0])
		}
		if got := p.Number(12345); got != want[1] {
			t.Errorf("%s: got %q, want %q", tag, got, want[1])
		}
		if date := p.Date(at); !strings.HasPrefix(want[0], date) {
			t.Errorf("%s: got %q", tag, date)
		}
	}
	for _, tongue := range tongues() {
		if n := len(strings.Fields(tongue.months)); n != 12 {
			t.Errorf("%s: got %d months", tongue.tag, n)
		}
	}
}
