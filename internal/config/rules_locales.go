package config

import (
	"fmt"
	"slices"
	"strings"
)

// Locales are the languages that the pages and mails exist in. A test of internal/stack holds them
// against those that there are texts in: this package imports nothing of the program.
func Locales() []string { return []string{"en", "de", "fr", "es", "pt-BR", "ja", "zh-Hans", "ar"} }

// defaultLocales: whoever tries things out sees all languages; whoever serves people says which.
func defaultLocales(p Profile) []string {
	if p == Development {
		return Locales()
	}
	return []string{"en"}
}

func checkLocales(c *collector, list []string) {
	if len(list) == 0 {
		c.add("ui.locales", "must name at least one language, of %s", strings.Join(Locales(), ", "))
	}
	for i, tag := range list {
		path := fmt.Sprintf("ui.locales[%d]", i)
		switch {
		case !slices.Contains(Locales(), tag):
			c.add(path, "must be one of %s (got %s)%s",
				strings.Join(Locales(), ", "), quote(tag), sameLanguage(tag))
		case slices.Contains(list[:i], tag):
			c.add(path, "must not be there twice (got %s)", quote(tag))
		}
	}
}

// sameLanguage helps those who wrote a language as they know it: pt, zh-CN, de_AT.
func sameLanguage(tag string) string {
	base := func(tag string) string {
		base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
		return base
	}
	for _, known := range Locales() {
		if base(known) == base(tag) {
			return "; write " + known
		}
	}
	return ""
}
