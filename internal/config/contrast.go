package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// rgb is a color, each channel from 0 to 1.
type rgb [3]float64

var hexColor = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

func parseColor(text string) (rgb, bool) {
	if !hexColor.MatchString(text) {
		return rgb{}, false
	}
	digits := text[1:]
	if len(digits) == 3 {
		digits = strings.Join([]string{digits[:1], digits[:1], digits[1:2], digits[1:2], digits[2:], digits[2:]}, "")
	}
	var c rgb
	for i := range c {
		channel, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			return rgb{}, false
		}
		c[i] = float64(channel) / 255
	}
	return c, true
}

// mustColor is for colors of our own.
func mustColor(text string) rgb {
	c, _ := parseColor(text)
	return c
}

func (c rgb) String() string {
	channel := func(v float64) int { return int(math.Round(min(max(v, 0), 1) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", channel(c[0]), channel(c[1]), channel(c[2]))
}

// exact rounds a color to one that can be written.
func (c rgb) exact() rgb { return mustColor(c.String()) }

func (c rgb) linear() rgb {
	for i, v := range c {
		if v <= .04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return c
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b rgb) float64 {
	luminance := func(c rgb) float64 {
		c = c.linear()
		return .2126*c[0] + .7152*c[1] + .0722*c[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// mix returns a with so much of b in it.
func mix(a, b rgb, much float64) rgb {
	for i := range a {
		a[i] += (b[i] - a[i]) * much
	}
	return a.exact()
}

// lightness returns how light a color looks, from 0 to 1, and its hue and chroma as two coordinates (Oklab,
// by B. Ottosson), in which a color can be made lighter and stays the same color to the eye.
func (c rgb) lightness() (l, a, b float64) {
	c = c.linear()
	x := math.Cbrt(.4122214708*c[0] + .5363325363*c[1] + .0514459929*c[2])
	y := math.Cbrt(.2119034982*c[0] + .6806995451*c[1] + .1073969566*c[2])
	z := math.Cbrt(.0883024619*c[0] + .2817188376*c[1] + .6299787005*c[2])
	return .2104542553*x + .7936177850*y - .0040720468*z,
		1.9779984951*x - 2.4285922050*y + .4505937099*z,
		.0259040371*x + .7827717662*y - .8086757660*z
}

// atLightness returns the color that looks like c and as light as said. Where a screen cannot show
// it, it becomes grayer.
func (c rgb) atLightness(l float64) rgb {
	_, a, b := c.lightness()
	for gray := 1.0; ; gray -= .02 {
		out, shown := fromOklab(l, a*max(gray, 0), b*max(gray, 0))
		if shown || gray <= 0 {
			return out.exact()
		}
	}
}

func fromOklab(l, a, b float64) (rgb, bool) {
	x, y, z := l+.3963377774*a+.2158037573*b, l-.1055613458*a-.0638541728*b, l-.0894841775*a-1.2914855480*b
	x, y, z = x*x*x, y*y*y, z*z*z
	c := rgb{
		4.0767416621*x - 3.3077115913*y + .2309699292*z,
		-1.2684380046*x + 2.6097574011*y - .3413193965*z,
		-.0041960863*x - .7034186147*y + 1.7076147010*z,
	}
	shown := true
	for i, v := range c {
		shown = shown && v > -.0005 && v < 1.0005
		if v = min(max(v, 0), 1); v <= .0031308 {
			c[i] = v * 12.92
		} else {
			c[i] = 1.055*math.Pow(v, 1/2.4) - .055
		}
	}
	return c, shown
}
