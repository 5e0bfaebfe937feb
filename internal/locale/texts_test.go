package locale

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// areas returns the translations of a language, and fails where two areas disagree.
func areas(t *testing.T, tag string) map[string]entry {
	t.Helper()
	files, err := fs.ReadDir(textFiles, path.Join("texts", tag))
	if err != nil {
		t.Fatal(err)
	}
	all, from := map[string]entry{}, map[string]string{}
	for _, file := range files {
		entries, err := readArea(tag, file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for key, e := range entries {
			if other, twice := all[key]; twice && !cmp.Equal(other.texts(), e.texts()) {
				t.Errorf("%s: %q is translated in %s and, differently, in %s", tag, key, from[key], file.Name())
			}
			all[key], from[key] = e, file.Name()
		}
	}
	return all
}

func TestEverySentenceIsTranslated(t *testing.T) {
	found := sentences(t)
	if list := os.Getenv("IDENTITYD_TEST_SENTENCES"); list != "" {
		keys := slices.Sorted(maps.Keys(found))
		if err := os.WriteFile(list, []byte(strings.Join(keys, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tag := range Languages() {
		t.Run(tag, func(t *testing.T) {
			translated := areas(t, tag)
			for _, key := range slices.Sorted(maps.Keys(found)) {
				if _, ok := translated[key]; !ok && tag != Source {
					t.Errorf("%s: no translation of %q (texts/%s/<area>.yaml)", found[key], key, tag)
				}
			}
			for _, key := range slices.Sorted(maps.Keys(translated)) {
				if _, ok := found[key]; !ok {
					t.Errorf("nothing says %q any more: take its translation away", key)
				}
				e := translated[key]
				for _, text := range e.texts() {
					checkSentence(t, key, text, e.forms != nil)
				}
				if tag == Source && e.forms == nil {
					t.Errorf("%q: English is in the code; only plural forms belong here", key)
				}
			}
		})
	}
}

// checkSentence compares the verbs. A plural form may say its number in words.
func checkSentence(t *testing.T, key, text string, form bool) {
	t.Helper()
	want, got := verbs(key), verbs(text)
	if form && len(got) < len(want) {
		want = slices.DeleteFunc(want, func(verb string) bool { return strings.HasSuffix(verb, "d") })
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q: got the verbs %v in %q, want %v", key, got, text, want)
	}
	if strings.TrimSpace(text) != text || text == "" {
		t.Errorf("%q: the translation is empty or has spaces around it", key)
	}
}

func TestEveryLanguageLoads(t *testing.T) {
	texts, err := Load(Languages())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(texts.Offered()), 8; got != want {
		t.Errorf("got %d languages, want %d", got, want)
	}
	for _, tag := range Languages() {
		if w, err := load(tag); err != nil || tag != Source && len(w.known) < 300 {
			t.Errorf("%s: got %v and error %v", tag, w, err)
		}
	}
	if _, err := Load([]string{"en", "xx"}); err == nil || !strings.Contains(err.Error(), "zh-Hans") {
		t.Errorf("an unknown language: got %v, want an error that names the known ones", err)
	}
}
