// Package docs_test holds the documents against the repository: what they name has to exist, and
// what they promise has to be possible.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// read returns a file of the repository as text. Tests run in the folder of their package, which is
// the root.
func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// files returns the files that match, by their slash-separated names. Folders that hold no sources
// of ours are left out.
func files(t *testing.T, match func(name string) bool) []string {
	t.Helper()
	skip := []string{".git", "bin", "dist", "dist.making", "identityd-data", "testdata", "node_modules"}
	var out []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skip, d.Name()):
			return filepath.SkipDir
		case !d.IsDir() && match(filepath.ToSlash(name)):
			out = append(out, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("got no files at all, want some")
	}
	return out
}

func documents(t *testing.T) []string {
	t.Helper()
	return files(t, func(name string) bool { return strings.HasSuffix(name, ".md") })
}

// found returns what the first group of pattern matches, each once, in order.
func found(pattern, text string) []string {
	var out []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const quirks = "docs/ory-quirks.md"

// citations are the numbers that code cites, with one file each. The Makefile and the linter's
// configuration are code as well.
func citations(t *testing.T) map[string]string {
	t.Helper()
	cited := map[string]string{}
	sources := files(t, func(name string) bool {
		return strings.HasSuffix(name, ".go") || name == "Makefile" || name == ".golangci.yml"
	})
	for _, name := range sources {
		for _, q := range found(`ory-quirks\.md#(q[0-9]+)`, read(t, name)) {
			cited[q] = name
		}
	}
	return cited
}

func TestEveryCitedQuirkHasAHeading(t *testing.T) {
	headings := found(`(?m)^## (Q[0-9]+)$`, read(t, quirks))
	for q, file := range citations(t) {
		if !slices.Contains(headings, strings.ToUpper(q)) {
			t.Errorf("%s cites %s, which is no heading of %s", file, q, quirks)
		}
	}
}

func TestEveryQuirkIsCitedOrSaysWhyNot(t *testing.T) {
	cited := citations(t)
	sections := strings.Split(read(t, quirks), "\n## Q")[1:]
	if len(sections) == 0 {
		t.Fatalf("got no section in %s, want many", quirks)
	}
	for _, section := range sections {
		number, text, _ := strings.Cut(section, "\n")
		_, isCited := cited["q"+number]
		excused := regexp.MustCompile(`(?m)^- not cited: .+`).MatchString(text)
		switch {
		case !isCited && !excused:
			t.Errorf("Q%s: got neither a citation in code nor a line \"- not cited: why\"", number)
		case isCited && excused:
			t.Errorf("Q%s: it says it is not cited, but %s cites it", number, cited["q"+number])
		}
		for _, part := range []string{"- Seen in: ", "- We do: ", "- Notice: "} {
			if !strings.Contains(text, "\n"+part) {
				t.Errorf("Q%s: got no line %q", number, part)
			}
		}
	}
}

// Work in parallel takes numbers in advance, so that there may be gaps.
func TestQuirksAreInOrderAndNoneIsTwice(t *testing.T) {
	last := 0
	for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(read(t, quirks), -1) {
		n, err := strconv.Atoi(strings.TrimPrefix(m[1], "Q"))
		if err != nil || n <= last {
			t.Errorf("got heading %q after Q%d, want a greater number", m[1], last)
		}
		last = n
	}
}

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
)

// anchors are the names that a forge gives to the headings of a document, and those that it gives itself.
func anchors(text string) []string {
	out := found(`(?m)^<a id="([a-z0-9_-]+)"></a>$`, text)
	for _, m := range headingPattern.FindAllStringSubmatch(text, -1) {
		slug := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(slug, " ", "-"))
	}
	return out
}

func TestEveryRelativeLinkResolves(t *testing.T) {
	// Long pages have hundreds of headings, and hundreds of links to them.
	seen, known := 0, map[string][]string{}
	for _, name := range documents(t) {
		for _, m := range linkPattern.FindAllStringSubmatch(read(t, name), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			seen++
			target, anchor, _ := strings.Cut(m[1], "#")
			file := name
			if target != "" {
				file = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
				continue
			}
			if anchor != "" && known[file] == nil {
				known[file] = anchors(read(t, file))
			}
			if anchor != "" && !slices.Contains(known[file], anchor) {
				t.Errorf("%s links to %s, but %s has no such heading", name, m[1], file)
			}
		}
	}
	if seen == 0 {
		t.Error("got no relative link in any document, want some")
	}
}

func TestEveryMakeTargetNamedExists(t *testing.T) {
	targets := found(`(?m)^([a-z][a-z-]*):`, read(t, "Makefile"))
	for _, name := range documents(t) {
		for _, target := range found("(?m)(?:`|^)make ([a-z][a-z-]*)", read(t, name)) {
			if !slices.Contains(targets, target) {
				t.Errorf("%s names make %s, which is no target", name, target)
			}
		}
	}
}

func TestEveryFileNamedInCodeStyleExists(t *testing.T) {
	// Only below folders of ours: upstream's paths look the same but begin elsewhere.
	pattern := "((?:configs|internal|cmd|docs|journey|tools)/[A-Za-z0-9._/-]*[A-Za-z0-9])"
	seen := 0
	for _, name := range documents(t) {
		for _, file := range found("(?:[`(\\s])"+pattern+"[`)\\s]", read(t, name)) {
			if upstream(file) {
				continue
			}
			seen++
			_, fromRoot := os.Stat(file)
			_, fromHere := os.Stat(path.Join(path.Dir(name), file))
			if fromRoot != nil && fromHere != nil {
				t.Errorf("%s names %s, which does not exist", name, file)
			}
		}
	}
	if seen == 0 {
		t.Error("got no file named in any document, want some")
	}
}

// upstream tells the engines' folders that are named like ours.
func upstream(file string) bool {
	for _, prefix := range []string{"cmd/server", "cmd/daemon", "cmd/courier", "cmd/root.go"} {
		if strings.HasPrefix(file, prefix) {
			return true
		}
	}
	return false
}

func TestTheArchitectureListsEveryPackage(t *testing.T) {
	listed := found("(?m)^\\| `(internal/[a-z0-9/]+)` \\|", read(t, "docs/architecture.md"))
	var there []string
	for _, name := range files(t, func(name string) bool {
		return strings.HasPrefix(name, "internal/") && strings.HasSuffix(name, ".go")
	}) {
		there = append(there, path.Dir(name))
	}
	slices.Sort(there)
	there = slices.Compact(there)
	for _, p := range there {
		if !slices.Contains(listed, p) {
			t.Errorf("%s is not in the table of docs/architecture.md", p)
		}
	}
	for _, p := range listed {
		if !slices.Contains(there, p) {
			t.Errorf("the table of docs/architecture.md lists %s, which does not exist", p)
		}
	}
}

const dependencies = "docs/adr/0008-dependencies.md"

func TestTheDependencyRecordAgreesWithGoMod(t *testing.T) {
	mod, record := read(t, "go.mod"), read(t, dependencies)
	named := found("`([a-z0-9.-]+\\.[a-z]+/[A-Za-z0-9./_-]+)`", record)
	for _, module := range found(`(?m)^\t([^\s/]+/\S+) v\S+$`, mod) {
		if !slices.Contains(named, module) {
			t.Errorf("go.mod requires %s directly; %s does not say why", module, dependencies)
		}
	}
	for _, module := range found(`(?m)^\t(\S+) => `, mod) {
		if !strings.Contains(record, "- `"+module+"`") {
			t.Errorf("go.mod replaces %s; %s does not say why", module, dependencies)
		}
	}
	for _, module := range named {
		if !strings.Contains(mod, "\t"+module+" ") {
			t.Errorf("%s names %s, which go.mod does not require", dependencies, module)
		}
	}
}

func TestDecisionsAreShortAndWhole(t *testing.T) {
	const most = 40
	for _, name := range files(t, func(name string) bool { return strings.HasPrefix(name, "docs/adr/") }) {
		text := read(t, name)
		if got := strings.Count(text, "\n"); got > most {
			t.Errorf("%s: got %d lines, want at most %d", name, got, most)
		}
		for _, heading := range []string{"## Context", "## Decision", "## Consequences"} {
			if !strings.Contains(text, "\n"+heading+"\n") {
				t.Errorf("%s: got no heading %q", name, heading)
			}
		}
	}
}

// TestNoDocumentPromisesGoInstall: go refuses to install a module that has replacements.
func TestNoDocumentPromisesGoInstall(t *testing.T) {
	for _, name := range documents(t) {
		for _, module := range found(`go install\s+(\S*example\.com/identityd\S*|\./\S*)`, read(t, name)) {
			t.Errorf("%s promises go install %s, which cannot work", name, module)
		}
	}
}

func TestTheReadmeStaysShort(t *testing.T) {
	const most = 200
	text := read(t, "README.md")
	// Comments about blocks are no lines for a reader.
	if got := strings.Count(text, "\n") - strings.Count(text, "\n<!-- "); got > most {
		t.Errorf("got %d lines, want at most %d", got, most)
	}
}
