package docs_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const index = "docs/index.md"

// foldersOfTheIndex have one line each, however many files are in them.
var foldersOfTheIndex = []string{"docs/adr", "docs/runs"}

// listed are the targets of the lines of the index, from the root of the repository.
func listed(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^- \[[^\]]+\]\(([^)#]+)\): \S.*\.$`).FindAllStringSubmatch(read(t, index), -1) {
		out = append(out, path.Join(path.Dir(index), m[1]))
	}
	return out
}

func TestTheIndexListsEveryPageOnce(t *testing.T) {
	lines := listed(t)
	want := slices.Clone(foldersOfTheIndex)
	for _, name := range documents(t) {
		inFolder := slices.ContainsFunc(foldersOfTheIndex, func(folder string) bool { return strings.HasPrefix(name, folder+"/") })
		if strings.HasPrefix(name, "docs/") && name != index && !inFolder {
			want = append(want, name)
		}
	}
	for _, name := range want {
		n := 0
		for _, line := range lines {
			if line == name {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d lines in %s, want one: - [Title](%s): what it is for.", name, n, index, strings.TrimPrefix(name, "docs/"))
		}
	}
}

func TestEveryPageOfTheIndexExists(t *testing.T) {
	for _, name := range listed(t) {
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s lists %s, which does not exist", index, name)
		}
	}
}

// TestEveryLineOfTheIndexIsOne: a list item in another form would be read by nobody.
func TestEveryLineOfTheIndexIsOne(t *testing.T) {
	if got, want := len(listed(t)), strings.Count(read(t, index), "\n- "); got != want {
		t.Errorf("got %d lines that read - [Title](page.md): what it is for., want all %d", got, want)
	}
}

func TestTheIndexHasItsSections(t *testing.T) {
	want := []string{"Start", "Guides", "Operate", "Reference", "Inside"}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(read(t, index), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got sections %v in %s, want %v: navigation is made of them", got, index, want)
	}
}
