package report

import (
	"fmt"
	"math"
	"strings"
)

// number has three digits that mean something: more would promise what noise does not keep.
func number(v float64) string {
	a := math.Abs(v)
	switch {
	case v == 0:
		return "0"
	case a >= 1e4:
		return thousands(math.Round(v/math.Pow(10, math.Floor(math.Log10(a))-2)) * math.Pow(10, math.Floor(math.Log10(a))-2))
	case a >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case a >= 9.995:
		return trim(fmt.Sprintf("%.1f", v))
	case a >= 0.0995:
		return trim(fmt.Sprintf("%.2f", v))
	}
	return trim(fmt.Sprintf("%.3f", v))
}

func trim(s string) string { return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") }

func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		if s[i-1] == '-' {
			break
		}
		s = s[:i] + " " + s[i:]
	}
	return s
}
