package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseDuration reads Go's syntax with d for days in front: 400d, 1d12h, 15m.
func parseDuration(v any) (d time.Duration, problem string) {
	if n, ok := v.(int); ok && n == 0 {
		return 0, ""
	}
	s, ok := v.(string)
	if n, isNumber := number(v); isNumber {
		return 0, fmt.Sprintf("must be a duration with a unit (got %v); write %vs, %vm, %vh or %vd", n, n, n, n, n)
	}
	if !ok {
		return 0, fmt.Sprintf("must be a duration such as 15m, 720h or 30d (got %s)", show(v))
	}
	d, ok = parseDays(s)
	if !ok {
		return 0, fmt.Sprintf("must be a duration such as 15m, 720h or 30d (got %s)", quote(s))
	}
	return d, ""
}

// ParseAge reads a duration as the file has it: 400d, 1d12h, 15m.
func ParseAge(text string) (time.Duration, bool) {
	d, ok := parseDays(text)
	return d, ok && d >= 0
}

func parseDays(s string) (time.Duration, bool) {
	const day = 24 * time.Hour
	days, rest, found := strings.Cut(s, "d")
	if !found {
		d, err := time.ParseDuration(s)
		return d, err == nil
	}
	// Past this many days a time.Duration overflows.
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, false
	}
	total := time.Duration(n) * day
	if rest == "" {
		return total, true
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d >= day {
		return 0, false
	}
	return total + d, true
}

// spell prints a duration the way it is written in the file: 15m rather than 15m0s, days as days.
func spell(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
