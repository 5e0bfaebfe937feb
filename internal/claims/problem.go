package claims

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with the claims: block, or deserves a second look.
type Problem struct {
	// Path is the key, such as claims.profile.department.
	Path string
	// Message says what is wrong, with the value, and the cure.
	Message string
}

// String returns path and message on one line.
func (p Problem) String() string { return p.Path + ": " + p.Message }

type problems []Problem

func (p *problems) add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (p problems) sorted() []Problem {
	slices.SortStableFunc(p, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	return p
}

// below returns the path of a key under a path. Claims may be named by addresses, whose dots would
// read as levels.
func below(path, key string) string {
	if key != "" && strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == "" {
		return path + "." + key
	}
	return path + "[" + quote(key) + "]"
}

// quote bounds what a message repeats: it ends on a terminal and in logs.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.QuoteToASCII(s[:longest]) + "..."
	}
	return strconv.QuoteToASCII(s)
}
