package stack

import (
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ui"
)

// dress puts the brand of the configuration into the words of the pages.
func dress(b config.Brand) ui.Brand {
	out := ui.Brand{
		Name: b.Name, Logo: ui.Image(b.Logo), Favicon: ui.Image(b.Favicon), CSS: b.CSS,
		Colors: map[string]ui.ColorPair{},
	}
	for token, pair := range b.Palette() {
		out.Colors[token] = ui.ColorPair{Light: pair[0], Dark: pair[1]}
	}
	return out
}
