package ui

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestColorsCanBeRead computes the contrast of WCAG 2.2 for the pairs that the stylesheet uses.
func TestColorsCanBeRead(t *testing.T) {
	css, err := fs.ReadFile(assetFiles, "assets/css/10-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	both, plain, ok := strings.Cut(string(css), "@supports not")
	if !ok {
		t.Fatal("the stylesheet has no colors for browsers without light-dark()")
	}
	light, dark := tokens(both, `light-dark\((#[0-9a-f]{6}), #[0-9a-f]{6}\)`), tokens(both, `light-dark\(#[0-9a-f]{6}, (#[0-9a-f]{6})\)`)
	if diff := cmp.Diff(light, tokens(plain, `(#[0-9a-f]{6})`)); diff != "" {
		t.Errorf("the day's colors and those of old browsers differ:\n%s", diff)
	}
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
		{"on-wrong", "wrong", 4.5},
		{"muted", "ground", 4.5},
		{"accent", "sunken", 4.5},
		{"accent", "ground", 4.5},
		{"care", "care-tint", 4.5},
		{"text", "care-tint", 4.5},
		{"on-panel", "panel", 7},
		{"thread", "panel", 3},
		// The edges of fields and the focus ring need less (success criterion 1.4.11).
		{"edge", "surface", 3},
		{"edge", "sunken", 3},
	}
	for scheme, colors := range map[string]map[string]float64{"light": light, "dark": dark} {
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

// tokens returns the relative luminance of each custom property whose value matches.
func tokens(css, value string) map[string]float64 {
	out := map[string]float64{}
	property := regexp.MustCompile(`--([a-z-]+): ` + value + `;`)
	for _, m := range property.FindAllStringSubmatch(css, -1) {
		out[m[1]] = 0
		for i, weight := range []float64{.2126, .7152, .0722} {
			channel, _ := strconv.ParseUint(m[2][1+2*i:3+2*i], 16, 8)
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
