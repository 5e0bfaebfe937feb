package docs_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// patternsIn are the files whose lines choose tests by patterns.
var patternsIn = []string{".ci/run", ".ci/long", "Makefile"}

var (
	chosenPattern   = regexp.MustCompile(`\s-(run|skip|bench|fuzz)[ =](?:'([^']*)'|"([^"]*)"|(\S+))`)
	assignedPattern = regexp.MustCompile(`(?m)^([A-Z_]+) *:?= *(.*)$`)
	packagePattern  = regexp.MustCompile(`(?:^|\s)(\.(?:/[\w./-]+)?)(?:\s|;|$)`)
)

// choice is a pattern for tests, on a line that names packages.
type choice struct {
	line, flag, pattern string
	packages            []string
}

// choicesOf finds the patterns of a script or a Makefile, whose variables it puts in.
func choicesOf(name, text string) []choice {
	words := map[string]string{}
	if name == "Makefile" {
		for _, m := range assignedPattern.FindAllStringSubmatch(text, -1) {
			words[m[1]] = m[2]
		}
	}
	var out []choice
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || !strings.Contains(line, "test") && !strings.HasPrefix(line, "part ") && !strings.Contains(line, " long ") {
			continue
		}
		for word, value := range words {
			line = strings.ReplaceAll(line, "$("+word+")", value)
		}
		if name == "Makefile" {
			line = strings.ReplaceAll(line, "$$", "$")
		}
		var packages []string
		for _, m := range packagePattern.FindAllStringSubmatch(strings.ReplaceAll(line, " ", "  "), -1) {
			packages = append(packages, m[1])
		}
		for _, m := range chosenPattern.FindAllStringSubmatch(line, -1) {
			if pattern := m[2] + m[3] + m[4]; len(packages) > 0 {
				out = append(out, choice{name + ": " + line, m[1], pattern, packages})
			}
		}
	}
	return out
}

// alternatives are the names that a pattern lists, each a pattern of its own.
func alternatives(pattern string) []string {
	inner, grouped := strings.CutPrefix(pattern, "^(")
	if rest, ok := strings.CutSuffix(inner, ")$"); grouped && ok {
		var out []string
		for _, one := range strings.Split(rest, "|") {
			out = append(out, "^"+one+"$")
		}
		return out
	}
	return strings.Split(pattern, "|")
}

// in tells whether a package is one of those that a line names: itself, or below a pattern with three dots.
func in(folder string, packages []string) bool {
	return slices.ContainsFunc(packages, func(p string) bool {
		p = path.Clean(p)
		if above, ok := strings.CutSuffix(p, "..."); ok {
			above = strings.Trim(above, "/.")
			return above == "" || folder == above || strings.HasPrefix(folder, above+"/")
		}
		return folder == p
	})
}

// TestEveryPatternMatchesATest: a pattern that matches nothing is a part of CI that passes and proves nothing, which go test says in
// a line that nobody reads. Each of several names has to match by itself.
func TestEveryPatternMatchesATest(t *testing.T) {
	declared := map[string][]string{}
	for _, name := range files(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		folder := path.Dir(name)
		declared[folder] = append(declared[folder], found(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]*)\(`, read(t, name))...)
	}
	seen := 0
	for _, name := range patternsIn {
		for _, c := range choicesOf(name, read(t, name)) {
			kind := map[string]string{"bench": "Benchmark", "fuzz": "Fuzz"}[c.flag]
			for _, one := range alternatives(c.pattern) {
				seen++
				expression, err := regexp.Compile(one)
				if err != nil {
					t.Errorf("%s\n%v", c.line, err)
					continue
				}
				matched := false
				for folder, tests := range declared {
					matched = matched || in(folder, c.packages) && slices.ContainsFunc(tests, func(test string) bool {
						return (strings.HasPrefix(test, kind) && kind != "" || kind == "" && !strings.HasPrefix(test, "Benchmark")) && test != "TestMain" && expression.MatchString(test)
					})
				}
				if !matched {
					t.Errorf("%s\n-%s %q matches no test of %v: write one that exists", c.line, c.flag, one, c.packages)
				}
			}
		}
	}
	if seen < 35 {
		t.Errorf("got %d patterns in %v, want those of all parts", seen, patternsIn)
	}
}

func TestPatternsAreFound(t *testing.T) {
	got := choicesOf("Makefile", "A := ^(TestA|TestB)$$\nB := ./b ./c/...\nx:\n\tgo test -tags y -skip '$(A)' $(B)\n\tgo test -run ^TestC ./d\n")
	if len(got) != 2 || got[0].pattern != "^(TestA|TestB)$" || !slices.Equal(got[0].packages, []string{"./b", "./c/..."}) || !slices.Equal(got[1].packages, []string{"./d"}) {
		t.Errorf("got %+v", got)
	}
	if got := alternatives(got[0].pattern); !slices.Equal(got, []string{"^TestA$", "^TestB$"}) {
		t.Errorf("got %q", got)
	}
	for folder, want := range map[string]bool{"b": true, "c": true, "c/d": true, "cd": false, "b/c": false} {
		if in(folder, got[0].packages) != want {
			t.Errorf("%s: want %v", folder, want)
		}
	}
}
