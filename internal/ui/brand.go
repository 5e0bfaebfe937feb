package ui

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/identityd/internal/locale"
)

// Brand is how the pages call themselves, and what they look like beside our own design. What is
// empty is ours.
type Brand struct {
	Name string // empty means "identityd"
	// Logo stands in place of mark and name at the head of each page; Favicon in the browser's tab.
	Logo, Favicon Image
	// Colors replace tokens of assets/css/10-tokens.css by their names without the dashes. Their contrast is
	// checked by whoever reads them from a file.
	Colors map[string]ColorPair
	// CSS is a stylesheet that is loaded last. It may change everything.
	CSS []byte
}

// ColorPair is a color by day and by night, each as #rrggbb.
type ColorPair struct{ Light, Dark string }

// Links are at the foot of each page; an empty one is left out.
type Links struct{ Privacy, Terms, Support string }

// dress adds the files of the operator to the assets, under names of their own.
func (a *assets) dress(brand Brand) error {
	for name, image := range map[string]Image{"logo": brand.Logo, "favicon": brand.Favicon} {
		if len(image.Data) == 0 {
			continue
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(image.Type, "image/"), "+")
		a.add(name+"."+kind, image.Data)
		a.byName[name] = a.byName[name+"."+kind]
		a.byHash[a.byName[name]] = newAsset(image.Data, image.Type)
	}
	if len(brand.Colors) > 0 {
		css, err := colorStyle(brand.Colors)
		if err != nil {
			return err
		}
		a.add("brand.css", css)
		a.add("icon.svg", paint(a.byHash[a.byName["icon.svg"]].body, brand.Colors))
	}
	if len(brand.CSS) > 0 {
		a.add("custom.css", brand.CSS)
	}
	a.favicon = a.byHash[a.icon()]
	return nil
}

// icon returns the name of what browsers show in a tab.
func (a *assets) icon() string {
	if own := a.byName["favicon"]; own != "" {
		return own
	}
	return a.byName["icon.svg"]
}

// styles returns the addresses of the stylesheets, the last of which wins.
func (a *assets) styles() []string {
	var out []string
	for _, name := range []string{"app.css", "brand.css", "custom.css"} {
		if a.byName[name] != "" {
			out = append(out, a.path(name))
		}
	}
	return out
}

func (a *assets) logo() string {
	if a.byName["logo"] == "" {
		return ""
	}
	return a.path("logo")
}

// colorStyle writes colors where the tokens are written, so that they win over ours and lose against
// a stylesheet of the operator. The first line is for browsers without light-dark().
func colorStyle(colors map[string]ColorPair) ([]byte, error) {
	name, value := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`), regexp.MustCompile(`^#[0-9a-f]{6}$`)
	var day, both strings.Builder
	for _, token := range slices.Sorted(maps.Keys(colors)) {
		c := colors[token]
		if !name.MatchString(token) || !value.MatchString(c.Light) || !value.MatchString(c.Dark) {
			return nil, fmt.Errorf("%q is not a color by day and by night (%q, %q)", token, c.Light, c.Dark)
		}
		fmt.Fprintf(&day, "--%s: %s;\n", token, c.Light)
		fmt.Fprintf(&both, "--%s: light-dark(%s, %s);\n", token, c.Light, c.Dark)
	}
	return []byte("@layer tokens {\n:root {\n" + day.String() + "}\n" +
		"@supports (color: light-dark(#000, #fff)) {\n:root {\n" + both.String() + "}\n}\n}\n"), nil
}

// paint gives our icon the operator's colors.
func paint(icon []byte, colors map[string]ColorPair) []byte {
	text := string(icon)
	for ours, token := range map[string]string{"#0c3b3a": "panel", "#c9a66b": "thread", "#f4f7f6": "on-panel"} {
		if c, ok := colors[token]; ok {
			text = strings.ReplaceAll(text, ours, c.Light)
		}
	}
	return []byte(text)
}

// foot returns the operator's links.
func (l Links) foot(say *locale.Printer) []link {
	var out []link
	for _, one := range []link{
		{say.Text("Privacy"), l.Privacy}, {say.Text("Terms"), l.Terms}, {say.Text("Help"), l.Support},
	} {
		if one.Href != "" {
			out = append(out, one)
		}
	}
	return out
}
