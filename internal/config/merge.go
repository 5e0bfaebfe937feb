package config

import (
	"reflect"
	"slices"
)

// Taking returns the configuration with the values that some of its words have in another one, and with all that
// is no word from there: a process that cannot take everything over takes what it can.
func (c Config) Taking(next Config, words []string) Config {
	out := next
	to, from := reflect.ValueOf(&out).Elem(), reflect.ValueOf(c)
	for _, k := range vocabulary() {
		if k.shape != section && !slices.Contains(words, k.path) {
			to.FieldByIndex(k.index).Set(from.FieldByIndex(k.index))
		}
	}
	// What files of the brand hold is beside their words.
	for word, keep := range map[string]func(){
		"ui.brand.logo_file":    func() { out.UI.Brand.Logo = c.UI.Brand.Logo },
		"ui.brand.favicon_file": func() { out.UI.Brand.Favicon = c.UI.Brand.Favicon },
		"ui.brand.css_file":     func() { out.UI.Brand.CSS = c.UI.Brand.CSS },
	} {
		if !slices.Contains(words, word) {
			keep()
		}
	}
	return out
}

// Vocabulary lists all words of stack.yaml that hold a value, in the order in which Config has them.
func Vocabulary() []string {
	var out []string
	for _, k := range vocabulary() {
		if k.shape != section {
			out = append(out, k.path)
		}
	}
	return out
}
