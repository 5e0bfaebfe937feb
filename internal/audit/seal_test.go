package audit

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestASealedFieldOpensInItsRowAlone(t *testing.T) {
	key := newKey()
	s, err := newSealer(key)
	if err != nil {
		t.Fatal(err)
	}
	want := personal{Address: "192.0.2.1", Agent: strings.Repeat("a long agent ", 200)}
	text := s.seal(want, "row 1")
	if got, err := s.open(text, "row 1"); err != nil || cmp.Diff(want, got) != "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if strings.Contains(text, "192") || text == s.seal(want, "row 1") {
		t.Error("it is not sealed, or twice the same")
	}
	if got := s.seal(personal{}, "row 1"); got != "" {
		t.Errorf("nothing is sealed as %q", got)
	}
	other, err := newSealer(newKey())
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (personal, error){
		"in another row":          func() (personal, error) { return s.open(text, "row 2") },
		"by another key":          func() (personal, error) { return other.open(text, "row 1") },
		"as the key of a person":  func() (personal, error) { _, err := unwrapped(key, text, "row 1"); return personal{}, err },
		"when it is empty":        func() (personal, error) { return s.open("", "row 1") },
		"when it is cut":          func() (personal, error) { return s.open(text[:len(text)-4], "row 1") },
		"when its nonce is all":   func() (personal, error) { return s.open(text[:16], "row 1") },
		"when it has a byte more": func() (personal, error) { return s.open(text+"AAAA", "row 1") },
		"when it is no base64":    func() (personal, error) { return s.open("%", "row 1") },
	} {
		t.Run("it does not open "+name, func(t *testing.T) {
			got, err := open()
			if err == nil || got != (personal{}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	t.Run("it does not open with any of its bytes changed", func(t *testing.T) {
		raw, err := base64.StdEncoding.DecodeString(s.seal(personal{Address: "192.0.2.1"}, "row 1"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			changed := bytes.Clone(raw)
			changed[i] ^= 1
			if got, err := s.open(base64.StdEncoding.EncodeToString(changed), "row 1"); err == nil {
				t.Errorf("byte %d: got %+v", i, got)
			}
		}
	})
}

func TestTheKeyOfAPersonIsWrappedForItsName(t *testing.T) {
	wrap, key := wrapOf(t, "a secret"), newKey()
	text, err := wrapped(wrap, key, "anna")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unwrapped(wrap, text, "anna"); err != nil || !bytes.Equal(got, key) {
		t.Errorf("got %v", err)
	}
	for name, c := range map[string]struct {
		wrap        []byte
		text, whose string
	}{
		"of somebody else":  {wrap, text, "bert"},
		"by another secret": {wrapOf(t, "another secret"), text, "anna"},
		"cut":               {wrap, text[:len(text)-4], "anna"},
		"empty":             {wrap, "", "anna"},
		"with a short key":  {wrap[:5], text, "anna"},
	} {
		t.Run("it is not unwrapped "+name, func(t *testing.T) {
			got, err := unwrapped(c.wrap, c.text, c.whose)
			if err == nil || got != nil {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
}
