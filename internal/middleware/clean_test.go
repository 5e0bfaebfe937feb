package middleware

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"", "/login", "/a\nlevel=ERROR", "/\x1b[31m", "/\u202egpj.exe", "/\xff\xfe", "/ä\u2028",
		strings.Repeat("/ä", 200), strings.Repeat("\xff", 300), strings.Repeat("\x80", 600),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, maxLoggedPath)
		if len(got) > maxLoggedPath {
			t.Errorf("%d bytes, want at most %d", len(got), maxLoggedPath)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q is no UTF-8", got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q holds something unprintable at %d", got, i)
		}
		printable := utf8.ValidString(s) &&
			strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
		if printable && !strings.ContainsRune(s, utf8.RuneError) && len(s) <= maxLoggedPath && got != s {
			t.Errorf("got %q, want %q as it was", got, s)
		}
	})
}
