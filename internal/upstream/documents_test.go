package upstream

import (
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

// TestTheTablesOfTheDocumentsAreThoseOfTheFile writes them with -update (make golden).
func TestTheTablesOfTheDocumentsAreThoseOfTheFile(t *testing.T) {
	facts := known(t)
	for _, c := range []struct{ document, head, body string }{
		{"../../docs/security.md", "| Upstream | What | Here |\n| --- | --- | --- |\n", rows(facts.Fixes)},
		{"../../SECURITY.md", "| Carried in front of the engines | Not carried, and why |\n| --- | --- |\n", inShort(facts.Fixes)},
	} {
		raw, err := os.ReadFile(c.document)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(raw), c.head)
		if !ok || strings.Contains(rest, c.head) {
			t.Fatalf("%s: want one table with the head %q", c.document, c.head)
		}
		there, after, _ := strings.Cut(rest, "\n\n")
		if there+"\n" == c.body {
			continue
		}
		if !*update {
			t.Errorf("%s: its table is not that of internal/upstream/upstream.json: make golden writes it\ngot\n%s\nwant\n%s", c.document, there, c.body)
			continue
		}
		if err := os.WriteFile(c.document, []byte(before+c.head+c.body+"\n"+after), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
}

func rows(fixes []Fix) string {
	var b strings.Builder
	for _, f := range fixes {
		b.WriteString("| " + f.Upstream + " | " + f.What + " | " + f.Here + " |\n")
	}
	return b.String()
}

// inShort is one row: what is carried, and what is not with its reason.
func inShort(fixes []Fix) string {
	var carried, not []string
	for _, f := range fixes {
		switch f.Status {
		case Carried:
			carried = append(carried, f.Short)
		case NotCarried:
			_, why, _ := strings.Cut(f.Here, ": ")
			not = append(not, strings.ToUpper(f.Short[:1])+f.Short[1:]+": "+strings.ReplaceAll(why, "(ory-quirks.md", "(docs/ory-quirks.md"))
		case NotApplicable:
		}
	}
	return "| " + strings.Join(carried, "; ") + " | " + strings.Join(not, ". ") + ". The rest does not apply to the pin |\n"
}

func TestEveryFixSaysWhatBecameOfIt(t *testing.T) {
	seen := map[Status]int{}
	for _, f := range known(t).Fixes {
		seen[f.Status]++
		if f.Upstream == "" || f.What == "" || f.Here == "" || (f.Short == "") != (f.Status == NotApplicable) {
			t.Errorf("%s: want all of upstream, what and here, and short unless it does not apply", f.Upstream)
		}
		switch begins := map[Status]string{NotCarried: "not carried: ", NotApplicable: "does not apply"}[f.Status]; {
		case !strings.HasPrefix(f.Here, begins):
			t.Errorf("%s: it is %s, and begins with %q", f.Upstream, f.Status, f.Here)
		case f.Status == Carried && !strings.Contains(f.Here, "`Test") && !strings.HasPrefix(f.Here, "see ["):
			t.Errorf("%s: it is carried, and neither a test nor a section is named", f.Upstream)
		}
	}
	if seen[Carried] == 0 || seen[NotCarried] == 0 || seen[NotApplicable] == 0 || len(seen) != 3 {
		t.Errorf("got %v", seen)
	}
}

func TestPlainHasNoMarkdown(t *testing.T) {
	got := Fix{Here: "not carried: **seen** by `TestIt`, ([Q32](ory-quirks.md#q32)) and [more](x.md)"}.Plain()
	if want := "not carried: seen by TestIt, (Q32) and more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
