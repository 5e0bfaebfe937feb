package config

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryKeyHasAVariableOfItsOwn(t *testing.T) {
	owner := map[string]string{}
	for _, k := range vocabulary() {
		name := envName(k.path)
		if other, taken := owner[name]; taken {
			t.Errorf("%s is both %s and %s", name, other, k.path)
		}
		owner[name] = k.path
		if ignored(name, "tcp://10.0.0.1:80") {
			t.Errorf("%s, for %s, would be taken for a Kubernetes service link", name, k.path)
		}
	}
}

func TestEveryRowOfTheNotImplementedTableIsAKey(t *testing.T) {
	known := map[string]bool{}
	for _, k := range vocabulary() {
		known[k.path] = true
	}
	for _, row := range notImplemented() {
		if !known[row.path] || row.issue == "" {
			t.Errorf("row %+v names no key or no issue", row)
		}
	}
}

func TestTheSettledWordsAreAllThere(t *testing.T) {
	want, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, k := range vocabulary() {
		known[k.path] = true
	}
	for word := range strings.FieldsSeq(string(want)) {
		if !known[word] {
			t.Errorf("%s is no key", word)
		}
	}
}

func TestNearestNamesWhatWasMeant(t *testing.T) {
	known := map[string]key{}
	for _, k := range vocabulary() {
		known[k.path] = k
	}
	for typed, want := range map[string]string{
		"profle": "profile", "listen.hydra_publc": "listen.hydra_public", "Database": "database",
		"session.life_span": "session.lifespan", "tokens.acess": "tokens.access",
		"return_too": "return_to", "shutdown.drian": "shutdown.drain",
	} {
		if got := nearest(typed, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
	if got := nearest(strings.Repeat("x", 1<<20), known); got == "" {
		t.Error("got nothing for a very long name")
	}
}

func TestDurationsKnowDays(t *testing.T) {
	got := map[string]string{}
	for _, s := range []string{"400d", "1d12h", "15m", "1.5d", "d", "1d25h", "1d-1h", "99999999d", "1h1d", "-1d", "65535d"} {
		d, ok := parseDays(s)
		got[s] = "refused"
		if ok {
			got[s] = spell(d)
		}
	}
	want := map[string]string{
		"400d": "400d", "1d12h": "36h", "15m": "15m", "1.5d": "refused", "d": "refused", "1d25h": "refused",
		"1d-1h": "refused", "99999999d": "refused", "1h1d": "refused", "-1d": "refused", "65535d": "65535d",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("durations differ (-want +got):\n%s", diff)
	}
}
