package hydra

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestWhenAnAssertionIsNone(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, test := range []struct{ claims, want string }{
		{`{"exp":1800000000,"iat":1800000000,"nbf":1800000000}`, ""},
		{`{"exp":1799999999}`, "it expired 1 s ago ('exp')"},
		{`{"exp":1800000300,"iat":1800000060}`, "it was issued 60 s in the future ('iat')"},
		{`{"exp":1800000300,"nbf":1800000001.9}`, "it begins 1 s in the future ('nbf')"},
		{`{"exp":"tomorrow"}`, ""}, // Hydra's to refuse
		{`{}`, ""},
		{`[`, ""},
	} {
		assertion := "e30." + base64.RawURLEncoding.EncodeToString([]byte(test.claims)) + ".c2ln"
		if got := untimely(assertion, now); got != test.want {
			t.Errorf("%s: got %q, want %q", test.claims, got, test.want)
		}
	}
	for _, none := range []string{"", ".", "a.b", "a.!.c"} {
		if got := untimely(none, now); got != "" {
			t.Errorf("%q: got %q", none, got)
		}
	}
}
