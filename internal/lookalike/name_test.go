package lookalike

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"example.com/identityd/internal/tried"
)

func TestNames(t *testing.T) {
	bad := map[string]Fault{
		"ada\u200b@example.com": Unseen, "ada\u00ad": Unseen, "\u202eada": Unseen, "ada\u2066x": Unseen, "ad\ufeffa": Unseen, "ada\u00a0": Unseen, "ada ": Unseen,
		"ada  lovelace": Unseen, "ada\u3164": Unseen, "ada\ufe0f": Unseen, "ada\u034f": Unseen, "ada\n": Unseen, "ada\x00": Unseen, "ada\u2800": Unseen, "ada\U000E0041": Unseen,
		"\xff": Unseen, "ada\u115f": Unseen, "ada\ue000": Unseen,
		"ａｄａ": Form, "e\u0301mile": Form, "ﬁona": Form, "ⅸ": Form, "𝐚𝐝𝐚": Form, "i\u0307da": Form, "İda": Form, "ɑdmin": Form, "\u212ada": Form, "a\u0316\u0317\u0318": Form,
		"аdmin": Alphabets, "admіn@example.com": Alphabets, "раураӏ": Alphabets, "ada@exаmple.com": Alphabets, "ada@xn--exmple-4nf.com": Alphabets, "αdmin": Alphabets,
		"ada@аррӏе.com": Alphabets, "νου": Alphabets,
	}
	caught := 0
	for name, want := range bad {
		if got := Check(name); got != want {
			t.Errorf("%+q: got %q, want %q", name, got, want)
			continue
		}
		caught++
	}
	for _, name := range []string{
		"ada@example.com", "ada.lovelace+x@example.co.uk", "émile", "Ünal", "ışık", "straße", "иван", "Анна Петрова", "νίκος", "山田太郎", "김철수", "मीरा", "محمد", "דנה", "สมชาย", "น้ำฝน",
		"info@bücher.example", "info@xn--bcher-kva.example", "+49 30 123456", "user_1", "Ada Lovelace", "o'neill", "Нью-York", "Nguyễn", "x", "а", "とうきょうtower", "日本語abc",
		"ada@президент.рф",
	} {
		if got := Check(name); got != None {
			t.Errorf("%q: got %q, want a good name", name, got)
		}
	}
	tried.Report(t, "names that look like others: unseen characters, other forms, several alphabets", "%d of %d told", caught, len(bad))
}

// FuzzIdentifier: a good name is what is shown of it, whole, and in its one form.
func FuzzIdentifier(f *testing.F) {
	for _, seed := range []string{"ada@example.com", "a\u200b", "раураӏ", "@", "@@", "xn--", "a@xn--a", "\xff", "e\u0301", strings.Repeat("a@", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if Check(name) != None {
			return
		}
		if !utf8.ValidString(name) || !norm.NFKC.IsNormalString(name) {
			t.Errorf("%+q passed in another form", name)
		}
		for _, r := range name {
			if r != ' ' && !unicode.IsGraphic(r) || unicode.In(r, unicode.Cf, unicode.Zs) && r != ' ' {
				t.Errorf("%+q passed with %+q", name, r)
			}
		}
	})
}
