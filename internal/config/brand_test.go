package config

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheColorsOfThePagesAreThose keeps the grounds that brand colors are checked against in step
// with the stylesheet.
func TestTheColorsOfThePagesAreThose(t *testing.T) {
	css, err := os.ReadFile("../ui/assets/css/10-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string][]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllStringSubmatch(string(css), -1) {
		tokens[m[1]] = m[2:]
	}
	for i, s := range []scheme{day(), night()} {
		for name, color := range s.grounds {
			if got := tokens[name]; len(got) != 2 || got[i] != color.String() {
				t.Errorf("%s %s: the stylesheet has %v, the check %s", s.name, name, got, color)
			}
		}
		if tokens["accent"][i] != s.accent.String() || tokens["panel"][i] != s.panel.String() {
			t.Errorf("%s: accent or panel differs", s.name)
		}
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for pair, want := range map[[2]string]float64{
		{"#000", "#fff"}: 21, {"#777777", "#ffffff"}: 4.48, {"#767676", "#ffffff"}: 4.54, {"#ff0000", "#ffffff"}: 4, {"#123456", "#123456"}: 1,
	} {
		if got := contrast(mustColor(pair[0]), mustColor(pair[1])); got < want-.005 || got > want+.005 {
			t.Errorf("%v: got %.3f, want %.2f", pair, got, want)
		}
	}
}

// TestWhateverTheBrandThePagesCanBeRead walks through colors: what passes the check, and what is
// proposed in place of what does not, leaves nothing that cannot be read.
func TestWhateverTheBrandThePagesCanBeRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		asked := rgb{random.Float64(), random.Float64(), random.Float64()}.exact()
		b := Brand{Colors: map[string]string{"accent": day().nearest(asked).String(), "panel": asked.String()}}
		c := &collector{}
		checkColors(c, b.Colors)
		if len(c.problems) > 0 {
			t.Fatalf("%s: the color that is proposed fails: %v", asked, c.problems)
		}
		palette := b.Palette()
		for i, s := range []scheme{day(), night()} {
			get := func(token string) rgb { return mustColor(palette[token][i]) }
			for _, pair := range []struct {
				text, ground rgb
				what         string
			}{
				{get("accent"), s.grounds["surface"], "accent on surface"},
				{get("accent"), s.grounds["ground"], "accent on ground"},
				{get("accent"), s.grounds["sunken"], "accent on sunken"},
				{get("accent"), get("tint"), "accent on tint"},
				{get("accent-strong"), get("tint"), "strong accent on tint"},
				{get("on-accent"), get("accent"), "button"},
				{get("on-accent"), get("accent-strong"), "button under the pointer"},
				{get("on-panel"), get("panel"), "panel"},
			} {
				if ratio := contrast(pair.text, pair.ground); ratio < readable {
					t.Fatalf("%s by %s: %s has a contrast of %.2f (%s, %s)", asked, s.name, pair.what, ratio, pair.text, pair.ground)
				}
			}
		}
	}
}

func TestAColorThatPassesIsNotChanged(t *testing.T) {
	b := Brand{Colors: map[string]string{"accent": "#0B57D0", "accent_dark": "#abc"}}
	got := b.Palette()["accent"]
	if diff := cmp.Diff([2]string{"#0b57d0", "#aabbcc"}, got); diff != "" {
		t.Error(diff)
	}
	if len((Brand{Name: "A"}).Palette()) != 0 {
		t.Error("a brand without colors changes ours")
	}
}

func TestImages(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">`
	for name, tt := range map[string]struct{ file, body, want string }{
		"a drawing":                    {"a.svg", `<?xml version="1.0"?><!-- x -->` + svg + `<style>a{fill:url(#x)}</style><path fill="url(#g)" d="M0 0"/><use href="#a"/></svg>`, ""},
		"a script":                     {"a.svg", svg + `<script>alert(1)</script></svg>`, "has a <script>"},
		"a handler":                    {"a.svg", svg + `<path onclick="x()"/></svg>`, "has onclick on a <path>"},
		"a link":                       {"a.svg", svg + `<a xlink:href="javascript:x()"/></svg>`, `refers to "javascript:x()"`},
		"a picture from elsewhere":     {"a.svg", svg + `<image href="https://a.example/x.png"/></svg>`, "loads nothing"},
		"a page inside":                {"a.svg", svg + `<foreignObject/></svg>`, "has a <foreignObject>"},
		"a style that loads":           {"a.svg", svg + `<style>@import "//evil.example"</style></svg>`, "loads"},
		"an attribute that loads":      {"a.svg", svg + `<path style="fill:url(https://a.example/#x)"/></svg>`, "loads"},
		"entities":                     {"a.svg", `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg + `</svg>`, "declares entities"},
		"no drawing":                   {"a.svg", `<html><svg/></html>`, "begins with <html>"},
		"half a drawing":               {"a.svg", svg, "that browsers can read"},
		"a text named png":             {"a.png", "hello", "does not begin as image/png does"},
		"a text named ico":             {"a.ico", "hello", "does not begin as image/x-icon does"},
		"an ending that nothing shows": {"a.gif", "GIF89a", "must be an image that ends in .ico, .png or .svg"},
		"nothing":                      {"a.svg", "", "does not begin"},
		"too much":                     {"a.svg", strings.Repeat("x", maxImage+1), "must be at most 32 KiB"},
		"an icon":                      {"A.ICO", "\x00\x00\x01\x00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(file, []byte(tt.body), 0o600); err != nil {
				t.Fatal(err)
			}
			got, wrong := readImageOf(file, ".svg", ".png", ".ico")
			switch {
			case tt.want == "" && (wrong != "" || string(got.Data) != tt.body):
				t.Errorf("got %q and %d bytes, want the file", wrong, len(got.Data))
			case tt.want != "" && !strings.Contains(wrong, tt.want):
				t.Errorf("got %q, want %q in it", wrong, tt.want)
			}
		})
	}
}
