package ui

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestASealedCookieOpensUnchangedAlone(t *testing.T) {
	s, err := newSeal([][]byte{bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.close(left{App: "Notes"}, leftCookie)
	if err != nil {
		t.Fatal(err)
	}
	var got left
	if !s.open(text, leftCookie, &got) || got.App != "Notes" {
		t.Fatalf("got %+v", got)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if s.open(base64.RawURLEncoding.EncodeToString(changed), leftCookie, &left{}) {
			t.Errorf("with byte %d changed it opens", i)
		}
		if s.open(base64.RawURLEncoding.EncodeToString(raw[:i]), leftCookie, &left{}) {
			t.Errorf("with %d bytes of it, it opens", i)
		}
	}
	// The last character of such a text has bits that mean nothing: one cookie has one spelling all the same.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, c := range alphabet {
		if other := text[:len(text)-1] + string(c); other != text && s.open(other, leftCookie, &left{}) {
			t.Errorf("%q opens as %q", other, text)
		}
	}
	for name, other := range map[string]string{"empty": "", "with more behind it": text + "AA", "padded": text + "==", "twice": text + text, "with a line in it": text[:8] + "\n" + text[8:]} {
		if s.open(other, leftCookie, &left{}) {
			t.Errorf("%s it opens", name)
		}
	}
	for _, binding := range []string{"", appsCookie, leftCookie + " ", strings.ToUpper(leftCookie)} {
		if s.open(text, binding, &left{}) {
			t.Errorf("bound to %q it opens", binding)
		}
	}
}

func TestASealedCookieDoesNotUnpackWithoutBound(t *testing.T) {
	s, err := newSeal([][]byte{bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]bool{maxSealed - 2: true, maxSealed - 1: false, 64 * maxSealed: false} {
		text, err := s.close(strings.Repeat("a", size), "b") // two quotes are around it
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if opened := s.open(text, "b", &got); opened != want || opened && len(got) != size {
			t.Errorf("%d bytes: opened %t with %d, want %t", size, opened, len(got), want)
		}
	}
}

func TestASealNeedsAKeyOfTheRightLength(t *testing.T) {
	for _, keys := range [][][]byte{{[]byte("short")}, {bytes.Repeat([]byte{1}, 32), nil}, nil} {
		if _, err := newSeal(keys); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}
