package docs_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const claimsPage = "docs/claims.md"

var (
	// figurePattern finds measures: a number with a unit of time, size or share, and "3.1 times less".
	figurePattern = regexp.MustCompile(`\d(?:[\d,. ]*\d)? ?(?:ms|µs|MB|GB|kB|KB|%|×)(?:[^\w]|$)|\d(?:[\d.]*\d)? times (?:as|more|less|fewer|faster|slower)`)
	// comparisonPattern finds words that set something against something else.
	comparisonPattern = regexp.MustCompile(`(?i)\b(faster|fastest|slower|slowest|smaller|smallest|cheaper|lighter|quicker|better than|unlike|half of what|twice as|half as|` +
		`a (?:fifth|third|quarter) of what|(?:two|three|four|five|six|ten) times (?:as|less|more|fewer)|the only (?:one|product|project|server)|` +
		`(?:is|was) the first (?:open|product|project|server|to)|first (?:open|product|project|server)|no other (?:product|project|server)|unmatched|state of the art)\b`)
	generatedPart = regexp.MustCompile(`(?s)<!-- bench: what stands.*?<!-- bench: end -->`)
)

// claimRow is a line of the table: what is claimed, in which section, how many figures and comparisons that section
// has, and what is behind it.
type claimRow struct{ where, figures, evidence, date, line string }

func claimRows(t *testing.T) []claimRow {
	t.Helper()
	var out []claimRow
	for line := range strings.Lines(read(t, claimsPage)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.TrimSpace(cells[0]) == "Claim" {
			continue
		}
		if len(cells) != 5 {
			t.Errorf("%s: got %d columns, want claim, where, figures, evidence and date: %s", claimsPage, len(cells), line)
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		where := linkPattern.FindStringSubmatch(cells[1])
		if where == nil {
			t.Errorf("%s: want a link to the section that says it: %s", claimsPage, line)
			continue
		}
		out = append(out, claimRow{path.Join(path.Dir(claimsPage), where[1]), cells[2], cells[3], cells[4], line})
	}
	if len(out) < 20 {
		t.Fatalf("got %d rows in %s, want those of all claims", len(out), claimsPage)
	}
	return out
}

// figuresOf counts what a document measures and compares, by section. Code is left out, and what make bench writes,
// which has a test of its own below.
func figuresOf(name, text string) map[string][]string {
	out := map[string][]string{}
	now, fenced, seen := name, false, map[string]int{}
	for line := range strings.Lines(generatedPart.ReplaceAllString(text, "")) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		if m := headingPattern.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			anchor := anchors(line)[0]
			if n := seen[anchor]; n > 0 {
				now = fmt.Sprintf("%s#%s-%d", name, anchor, n)
			} else {
				now = name + "#" + anchor
			}
			seen[anchor]++
			continue
		}
		if !howTo(name) {
			out[now] = append(out[now], figurePattern.FindAllString(line, -1)...)
		}
		out[now] = append(out[now], comparisonPattern.FindAllString(line, -1)...)
	}
	maps.DeleteFunc(out, func(_ string, found []string) bool { return len(found) == 0 })
	return out
}

// generatedDocuments are made from the program or hold nothing but words of others; a figure in them is a setting.
var generatedDocuments = []string{claimsPage, "docs/commands.md", "docs/configuration.md", "docs/errors.md", quirks}

// howTo tells pages that say how something is done: a figure in them is a setting or part of an example. What they
// compare is a claim there too.
func howTo(name string) bool {
	return strings.HasPrefix(name, "docs/guides/") || slices.Contains([]string{"docs/install.md", "docs/observability.md"}, name)
}

// TestEveryFigureIsAClaim finds figures and comparisons that no row of docs/claims.md stands for: in a new section,
// or more of them in an old one.
func TestEveryFigureIsAClaim(t *testing.T) {
	want := map[string]int{}
	for _, row := range claimRows(t) {
		n, err := strconv.Atoi(row.figures)
		if err != nil {
			t.Errorf("%s: got %q, want how many figures and comparisons %s has", claimsPage, row.figures, row.where)
		}
		want[row.where] += n
	}
	total := 0
	for _, name := range documents(t) {
		inDocs := strings.HasPrefix(name, "docs/") && !strings.HasPrefix(name, "docs/adr/") && !strings.HasPrefix(name, "docs/runs/")
		if !inDocs && name != "README.md" || slices.Contains(generatedDocuments, name) {
			continue
		}
		found := figuresOf(name, read(t, name))
		for _, section := range slices.Sorted(maps.Keys(found)) {
			total += len(found[section])
			if got := len(found[section]); got != want[section] {
				t.Errorf("%s has %d figures and comparisons, %s counts %d: say there what is behind them, or leave them out: %q",
					section, got, claimsPage, want[section], found[section])
			}
			delete(want, section)
		}
	}
	for section, n := range want {
		if n > 0 {
			t.Errorf("%s counts %d figures in %s, which has none", claimsPage, n, section)
		}
	}
	if total < 100 {
		t.Errorf("got %d figures in all documents, want those of the measurements", total)
	}
}

func TestFiguresAndComparisonsAreFound(t *testing.T) {
	got := figuresOf("x.md", "# A\n\nIt takes 3.1 ms, 40 % less.\n\n```\n9 ms\n```\n\n## B\n\nFaster than others, 3 times as fast.\n\n## B\n\nNot 3 msx, the first of two.\n\n## C\n\nSmaller.\n")
	want := map[string][]string{"x.md#a": {"3.1 ms,", "40 % "}, "x.md#b": {"3 times as", "Faster"}, "x.md#c": {"Smaller"}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEveryClaimHasEvidenceThatExists: a test, a file, a commit, a place on the web, or the plain word that the run
// was not kept. Links are held by TestEveryRelativeLinkResolves.
func TestEveryClaimHasEvidenceThatExists(t *testing.T) {
	declared := declaredTests(t)
	for _, row := range claimRows(t) {
		if row.date == "" || !regexp.MustCompile(`^2\d{3}-\d\d-\d\d$|^every build$`).MatchString(row.date) {
			t.Errorf("got date %q, want a day or \"every build\": %s", row.date, row.line)
		}
		tests := found("`((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]*)`", row.evidence)
		for _, test := range tests {
			if !declared[test] {
				t.Errorf("%s names %s, and there is no such test", claimsPage, test)
			}
		}
		commits := found(`commit ([0-9a-f]{7,40})\b`, row.evidence)
		for _, commit := range commits {
			checkCommit(t, commit)
		}
		if row.date == "every build" && len(tests) == 0 {
			t.Errorf("nothing shows it at every build, for no test is named: %s", row.line)
		}
		if len(tests)+len(commits) == 0 && !linkPattern.MatchString(row.evidence) && !strings.Contains(row.evidence, "not kept") {
			t.Errorf("got evidence %q, want a test, a file, a commit, an address, or that the run was not kept", row.evidence)
		}
	}
}

// checkCommit asks git. In an archive of sources, or a clone without history, there is nobody to ask.
func checkCommit(t *testing.T, commit string) {
	t.Helper()
	shallow, err := exec.CommandContext(t.Context(), "git", "rev-parse", "--is-shallow-repository").Output()
	if err != nil || strings.TrimSpace(string(shallow)) != "false" {
		t.Logf("SKIP: no history of the repository here to look for commit %s", commit)
		return
	}
	if err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", commit+"^{commit}").Run(); err != nil {
		t.Errorf("%s names commit %s, which is not in the history", claimsPage, commit)
	}
}

func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	declared := map[string]bool{}
	for _, name := range files(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		for _, test := range found(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]*)\(`, read(t, name)) {
			declared[test] = true
		}
	}
	return declared
}

// TestThePageOfFiguresIsOfAKeptRun: what make bench wrote into the page comes from a result that is in the repository.
func TestThePageOfFiguresIsOfAKeptRun(t *testing.T) {
	part := generatedPart.FindString(read(t, "docs/performance.md"))
	commit := regexp.MustCompile(`commit ([0-9a-f]{7,40})`).FindStringSubmatch(part)
	picture := regexp.MustCompile(`\((\.\./bench/results/[^)]+)\.svg\)`).FindStringSubmatch(part)
	if commit == nil || picture == nil {
		t.Fatal("got no commit or no picture in the part that make bench writes")
	}
	result, err := os.ReadFile(path.Join("docs", picture[1]) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(result, []byte(`"`+commit[1]+`"`)) {
		t.Errorf("the page is of commit %s, %s.json is not", commit[1], picture[1])
	}
	checkCommit(t, commit[1])
}
