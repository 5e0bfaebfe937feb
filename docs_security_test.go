package docs_test

import (
	"slices"
	"strings"
	"testing"
)

const security = "docs/security.md"

// TestSecurityClaimsNameTestsThatExist also finds a test that reports what it tried and that no claim names.
func TestSecurityClaimsNameTestsThatExist(t *testing.T) {
	var rows []string
	for line := range strings.Lines(read(t, security)) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	named := found("`((?:Test|Fuzz)[A-Za-z0-9_]*)`", strings.Join(rows, ""))
	if len(named) == 0 {
		t.Fatalf("got no test in the tables of %s, want many", security)
	}
	declared := map[string]bool{}
	for _, name := range files(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		text := read(t, name)
		tests := found(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]*)\(`, text)
		for _, test := range tests {
			declared[test] = true
		}
		reports := len(tests) > 0 && strings.Contains(text, "tried"+".Report(")
		if reports && !slices.ContainsFunc(tests, func(test string) bool { return slices.Contains(named, test) }) {
			t.Errorf("%s reports what was tried, but no table of %s names a test of it", name, security)
		}
	}
	for _, test := range named {
		if !declared[test] {
			t.Errorf("%s names %s, and there is no such test", security, test)
		}
	}
}
