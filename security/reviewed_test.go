package security

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"

	"example.com/identityd/internal/tried"
)

// review is one line of reviewed.txt.
type review struct{ module, minimum, reason string }

func reviewed(t *testing.T) []review {
	t.Helper()
	list, err := parseReviews(read(t, "reviewed.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func parseReviews(text string) ([]review, error) {
	var out []review
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return nil, fmt.Errorf("line %d: want a module, its least version and the reason, got %q", i+1, line)
		}
		out = append(out, review{fields[0], fields[1], strings.Join(fields[2:], " ")})
	}
	return out, nil
}

// unreviewed says what is linked that nobody has looked at, or an older one of what somebody has.
func unreviewed(list []review, linked map[string]module) []string {
	known := map[string]review{}
	for _, r := range list {
		known[r.module] = r
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(linked)) {
		m := linked[name]
		r, ok := known[m.path]
		switch {
		case !ok:
			out = append(out, m.path+" "+m.version+" is linked and not in security/reviewed.txt: review it (docs/security.md, Supply chain) and add a line")
		case strings.HasPrefix(m.path, local): // a folder of this repository
		case older(m.version, r.minimum):
			out = append(out, m.path+" "+m.version+" is below "+r.minimum+", the least that was reviewed ("+r.reason+"): raise it in go.mod")
		}
	}
	return out
}

// older compares versions of modules, and those of Go, which are written without a v.
func older(got, least string) bool {
	if rest, ok := strings.CutPrefix(got, "go"); ok {
		got, least = "v"+rest, "v"+strings.TrimPrefix(least, "go")
	}
	return !semver.IsValid(got) || semver.Compare(got, least) < 0
}

func TestNothingIsLinkedBelowWhatWasReviewed(t *testing.T) {
	list, linked := reviewed(t), modules(t)
	for _, problem := range unreviewed(list, linked) {
		t.Error(problem)
	}
	var there []string
	for _, m := range linked {
		there = append(there, m.path)
	}
	for _, r := range list {
		if !slices.Contains(there, r.module) {
			t.Errorf("%s is in security/reviewed.txt and not linked any more: remove its line", r.module)
		}
	}
	tried.Report(t, "Linking a module that nobody reviewed, or one below its reviewed version",
		"%d modules are linked, each of them at or above its reviewed version", len(linked))
}

func TestTheBinaryIsMadeOfWhatWasReviewed(t *testing.T) {
	inside := built(t)
	for _, problem := range unreviewed(reviewed(t), inside) {
		t.Error(problem)
	}
	tried.Report(t, "A binary made of something else than what the sources say", "its build information names %d modules, all reviewed", len(inside))
}

// TestAModuleBelowItsReviewIsSeen shows that the check can fail.
func TestAModuleBelowItsReviewIsSeen(t *testing.T) {
	list := []review{{"example.org/a", "v1.2.3", "CVE"}, {"std", "go1.26.3", "CVE"}}
	for name, c := range map[string]struct {
		linked module
		want   string
	}{
		"an older version":      {module{path: "example.org/a", version: "v1.2.2"}, "is below v1.2.3"},
		"the reviewed version":  {module{path: "example.org/a", version: "v1.2.3"}, ""},
		"a newer version":       {module{path: "example.org/a", version: "v1.10.0"}, ""},
		"a candidate of it":     {module{path: "example.org/a", version: "v1.2.3-rc.1"}, "is below v1.2.3"},
		"a version that is not": {module{path: "example.org/a", version: "(devel)"}, "is below v1.2.3"},
		"an unknown module":     {module{path: "example.org/b", version: "v1.0.0"}, "not in security/reviewed.txt"},
		"an older Go":           {module{path: "std", version: "go1.26.2"}, "is below go1.26.3"},
		"a newer Go":            {module{path: "std", version: "go1.27.0"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(unreviewed(list, map[string]module{"x": c.linked}), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestReviewsAreWholeAndInOrder(t *testing.T) {
	list := reviewed(t)
	if !slices.IsSortedFunc(list, func(a, b review) int { return strings.Compare(a.module, b.module) }) {
		t.Error("security/reviewed.txt is not in order: sort it by module")
	}
	seen := map[string]bool{}
	for _, r := range list {
		if seen[r.module] {
			t.Errorf("%s is there twice", r.module)
		}
		seen[r.module] = true
	}
	if _, err := parseReviews("example.org/a v1.0.0"); err == nil {
		t.Error("a line without a reason was taken")
	}
}
