package docs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/doctest"
)

var update = flag.Bool("update", false, "write the list of what is not run anew")

// examplePages are the documents whose blocks are for their readers to run. Decisions and records of runs are not.
func examplePages(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(documents(t), func(name string) bool {
		return name != "README.md" && !strings.HasPrefix(name, "docs/") ||
			strings.HasPrefix(name, "docs/adr/") || strings.HasPrefix(name, "docs/runs/")
	})
}

// TestEveryBlockOfADocumentIsRun holds the fenced blocks against what runs them (CONTRIBUTING.md, Documents):
// text is read; yaml is loaded by TestEveryConfigurationInADocumentIsOneThatStarts; json is parsed; commands of identityd and make are held
// against scripts and the Makefile by other tests. Everything else names its test, or says why it cannot be run here.
func TestEveryBlockOfADocumentIsRun(t *testing.T) {
	tests := testsByName(t)
	for _, page := range examplePages(t) {
		for _, b := range doctest.All(t, page) {
			switch {
			case b.Language == "":
				t.Errorf("%s: the block names no language; what a program prints is text", b.At())
			case b.RunBy != "" && b.NotRun != "":
				t.Errorf("%s: the block is run or it is not", b.At())
			case b.RunBy != "":
				if problem := reads(t, tests, b); problem != "" {
					t.Errorf("%s: %s", b.At(), problem)
				}
			case b.NotRun != "", b.Language == "text", b.Language == "yaml":
			case b.Language == "json":
				if !json.Valid([]byte(b.Text)) {
					t.Errorf("%s: this is no JSON:\n%s", b.At(), b.Text)
				}
			case b.Language == "sh":
				if others := otherPrograms(b); len(others) > 0 {
					t.Errorf("%s: it runs %s: put <!-- run by: TestX --> before it, or <!-- not run here: why -->", b.At(), strings.Join(others, ", "))
				}
			default:
				t.Errorf("%s: who runs this %s? Put <!-- run by: TestX --> before it, or <!-- not run here: why -->", b.At(), b.Language)
			}
		}
	}
}

// otherPrograms are those of a shell block that neither scripts nor the Makefile know.
func otherPrograms(b doctest.Block) []string {
	known := regexp.MustCompile(`^((\./)?(bin/)?identityd|make|cd|export)$`)
	return slices.DeleteFunc(b.Commands(), known.MatchString)
}

// testsByName finds the file of each test in the repository, those of its own modules as well.
func testsByName(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, name := range files(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, test := range found(`(?m)^func (Test\w+)\(t \*testing\.T\) {`, read(t, name)) {
			out[test] = append(out[test], name)
		}
	}
	return out
}

// reads says what is wrong with the test that is to run a block: the test has to be there, and to ask for the blocks of that very page.
func reads(t *testing.T, tests map[string][]string, b doctest.Block) string {
	t.Helper()
	if len(tests[b.RunBy]) == 0 {
		return fmt.Sprintf("there is no test %s", b.RunBy)
	}
	asks := `doctest.Of(t, "` + b.Page + `")`
	for _, file := range tests[b.RunBy] {
		_, text, _ := strings.Cut(read(t, file), "func "+b.RunBy+"(")
		text, _, _ = strings.Cut(text, "\n}\n")
		if strings.Contains(text, asks) {
			return ""
		}
	}
	return fmt.Sprintf("%s in %s does not say %s", b.RunBy, strings.Join(tests[b.RunBy], ", "), asks)
}

// TestWhatIsNotRunIsListed keeps the list of blocks that nothing runs, which grows under the eyes of whoever reads the difference alone.
func TestWhatIsNotRunIsListed(t *testing.T) {
	const list = "testdata/not-run.txt"
	var lines []string
	for _, page := range examplePages(t) {
		for _, b := range doctest.All(t, page) {
			if b.NotRun != "" {
				first, _, _ := strings.Cut(b.Text, "\n")
				lines = append(lines, fmt.Sprintf("%s: %s: %s", page, strings.TrimSpace(first), b.NotRun))
			}
		}
	}
	slices.Sort(lines)
	t.Logf("%d blocks of documents are not run by any test", len(lines))
	// No number in it: branches that each add a line would not merge.
	want := "Blocks of documents that no test runs:\n\n" + strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.MkdirAll(path.Dir(list), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(list, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, list)); diff != "" {
		t.Errorf("%s is not what the pages say; make golden writes it anew, and the difference is for review (-pages +list):\n%s", list, diff)
	}
}
