package doctest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of returns the blocks of a page that say they are run by the test that asks. Without one the test fails: it would run nothing.
func Of(t testing.TB, page string) []Block {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	var out []Block
	for _, b := range All(t, page) {
		if b.RunBy == name {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no block below <!-- run by: %s -->", page, name)
	}
	return out
}

// All returns all blocks of a page, by its name from the root of the repository.
func All(t testing.TB, page string) []Block {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(Root(t), filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Parse(page, string(raw))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Root is the folder of the repository: the nearest one above that has a README and a Makefile.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, makefile := os.Stat(filepath.Join(dir, "Makefile"))
		_, readme := os.Stat(filepath.Join(dir, "README.md"))
		if makefile == nil && readme == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("the root of the repository is not above")
		}
		dir = above
	}
}
