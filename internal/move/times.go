package move

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// timeLayouts are the texts in SQLite's files: those of the drivers that engines were built with, and
// CURRENT_TIMESTAMP. Fractions need no place in a layout to be parsed.
var timeLayouts = []string{ //nolint:gochecknoglobals // a constant, but for the language
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04:05 -0700 -0700",
}

func readTime(raw any, millis bool) (time.Time, error) {
	switch x := raw.(type) {
	case time.Time:
		return x.UTC(), nil
	case int64:
		// In a column of times a number is what the drivers of SQLite take it for.
		if millis || x > 1e12 || x < -1e12 {
			return time.UnixMilli(x).UTC(), nil
		}
		return time.Unix(x, 0).UTC(), nil
	case []byte:
		return parseTime(string(x))
	case string:
		return parseTime(x)
	}
	return time.Time{}, unexpected(raw)
}

func parseTime(text string) (time.Time, error) {
	if text == "CURRENT_TIMESTAMP" {
		// Some migrations of Kratos put the default into quotes. The engine reads it as no time at all.
		return time.Time{}, nil
	}
	plain, _, _ := strings.Cut(text, " m=") // a monotonic clock, which time.Time.String adds
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, plain); err == nil {
			return t.UTC(), nil
		}
	}
	if strings.HasSuffix(text, "infinity") {
		return time.Time{}, fmt.Errorf("is the time %s, which the engines cannot read", text)
	}
	return time.Time{}, errors.New("is no time that this version can read")
}
