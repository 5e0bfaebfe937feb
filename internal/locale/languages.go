package locale

import (
	"fmt"
	"slices"
	"strings"
)

// Source is the language of the sentences in the code, and the one that missing texts fall back to.
const Source = "en"

// tongue is a language that the texts are translated into.
type tongue struct {
	tag  string // as BCP 47 and the attribute lang spell it
	name string // as its speakers call it
	rtl  bool
	calendar
}

// Languages returns the tags of all languages that there are texts in, English first.
func Languages() []string {
	var tags []string
	for _, t := range tongues() {
		tags = append(tags, t.tag)
	}
	return tags
}

func tongues() []tongue {
	return []tongue{
		{tag: Source, name: "English", calendar: english()},
		{tag: "de", name: "Deutsch", calendar: german()},
		{tag: "fr", name: "Français", calendar: french()},
		{tag: "es", name: "Español", calendar: spanish()},
		{tag: "pt-BR", name: "Português (Brasil)", calendar: portuguese()},
		{tag: "ja", name: "日本語", calendar: eastAsian()},
		{tag: "zh-Hans", name: "简体中文", calendar: eastAsian()},
		{tag: "ar", name: "العربية", rtl: true, calendar: arabic()},
	}
}

func tongueOf(tag string) (tongue, error) {
	all := tongues()
	i := slices.IndexFunc(all, func(t tongue) bool { return t.tag == tag })
	if i < 0 {
		return tongue{}, fmt.Errorf("no texts in the language %q, only in %s", tag,
			strings.Join(Languages(), ", "))
	}
	return all[i], nil
}
