package ui

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestColorsCanBeRead computes the contrast of WCAG 2.2 for the pairs that the stylesheet uses.
func TestColorsCanBeRead(t *testing.T) {
	css, err := fs.ReadFile(assetFiles, "assets/app.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the stylesheet has no dark colors")
	}
	dark, _, _ := strings.Cut(rest, "\n}\n")
	pairs := []struct {
		text, ground string
		least        float64
	}{
		{"text", "surface", 4.5},
		{"text", "ground", 4.5},
		{"text", "sunken", 4.5},
		{"text", "wrong-tint", 4.5},
		{"muted", "surface", 4.5},
		{"muted", "sunken", 4.5},
		{"accent", "surface", 4.5},
		{"accent", "tint", 4.5},
		{"accent-strong", "tint", 4.5},
		{"on-accent", "accent", 4.5},
		{"on-accent", "accent-strong", 4.5},
		{"wrong", "surface", 4.5},
		{"wrong", "wrong-tint", 4.5},
		// The edges of fields and the focus ring need less (success criterion 1.4.11).
		{"edge", "surface", 3},
		{"accent", "ground", 3},
	}
	for scheme, part := range map[string]string{"light": light, "dark": dark} {
		colors := tokens(part)
		for _, pair := range pairs {
			t.Run(scheme+" "+pair.text+" on "+pair.ground, func(t *testing.T) {
				a, okA := colors[pair.text]
				b, okB := colors[pair.ground]
				if !okA || !okB {
					t.Fatal("the color is not defined")
				}
				got := (max(a, b) + .05) / (min(a, b) + .05)
				if got < pair.least {
					t.Errorf("got contrast %.2f, want at least %.1f", got, pair.least)
				}
			})
		}
	}
}

// tokens returns the relative luminance of each custom property that is a color.
func tokens(css string) map[string]float64 {
	out := map[string]float64{}
	property := regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)
	for _, m := range property.FindAllStringSubmatch(css, -1) {
		out[m[1]] = 0
		for i, weight := range []float64{.2126, .7152, .0722} {
			channel, _ := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8)
			c := float64(channel) / 255
			if c <= .04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+.055)/1.055, 2.4)
			}
			out[m[1]] += weight * c
		}
	}
	return out
}
