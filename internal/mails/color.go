package mails

import (
	"math"
	"strings"
)

// linear returns the light of one channel of an sRGB color.
func linear(channel uint64) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

// whole writes a short color (#abc) with six digits: not every mail program knows the short ones.
func whole(color string) string {
	if len(color) != 4 || color[0] != '#' {
		return color
	}
	var b strings.Builder
	b.WriteByte('#')
	for _, digit := range color[1:] {
		b.WriteRune(digit)
		b.WriteRune(digit)
	}
	return b.String()
}
