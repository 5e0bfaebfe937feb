package uitest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/ui/uitest"
)

// axeSum is the SHA-256 of axe.min.js in axe-core 4.14.1 of the npm registry.
const axeSum = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

// axeRules are the levels A and AA of WCAG 2.0 to 2.2.
const axeRules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`

// violation is what axe-core reports.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", v.ID, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  %.200s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

func axe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(source); hex.EncodeToString(sum[:]) != axeSum {
		t.Fatalf("axe.min.js is not that of axe-core 4.14.1: got SHA-256 %x, want %s", sum, axeSum)
	}
	return string(source)
}

// TestNoPageViolatesWCAG runs axe-core on every page, in English in every state and in Arabic in the
// first of each page, by day and by night. What the night changes is colors.
func TestNoPageViolatesWCAG(t *testing.T) {
	source := axe(t)
	b := openTab(t, startBrowser(t))
	stage := uitest.NewStage(t, nil)
	for _, language := range []string{"en", "ar"} {
		b.language(language)
		seen := map[string]bool{}
		for _, s := range uitest.States() {
			if language != "en" && seen[s.Route] && os.Getenv(longVariable) == "" {
				continue
			}
			seen[s.Route] = true
			t.Run(s.Name+" in "+language, func(t *testing.T) {
				b := &tab{t, b.ctx}
				b.window(phone, 800, "light")
				b.visit(stage.Show(s))
				// Evaluated by the browser's debugger, to which the policy of the page does not apply.
				eval[bool](b, source+"\n; true")
				report(t, "by day", run(b, axeRules, ""))
				b.window(desktop, 800, "dark")
				report(t, "by night", run(b, axeRules, `, runOnly: ["color-contrast", "target-size"]`))
			})
		}
	}
}

func run(b *tab, tags, only string) []violation {
	b.t.Helper()
	options := `{resultTypes: ["violations"], runOnly: ` + tags + `}`
	if only != "" {
		options = `{resultTypes: ["violations"]` + only + `}`
	}
	return eval[[]violation](b, `axe.run(document, `+options+`).then(r => r.violations)`)
}

func report(t *testing.T, when string, found []violation) {
	t.Helper()
	for _, v := range found {
		t.Errorf("%s: %s", when, v)
	}
}

// TestAxeFindsWhatItIsFor proves that a page with faults fails.
func TestAxeFindsWhatItIsFor(t *testing.T) {
	b := openTab(t, startBrowser(t))
	b.visit(uitest.NewStage(t, nil).Show(uitest.States()[0]))
	eval[bool](b, axe(t)+"\n; true")
	eval[bool](b, `document.querySelector("main label").remove(), document.querySelector("h1").style.color = "#999", true`)
	var got []string
	for _, v := range run(b, axeRules, "") {
		got = append(got, v.ID)
	}
	if text := strings.Join(got, " "); !strings.Contains(text, "label") || !strings.Contains(text, "color-contrast") {
		t.Errorf("got violations %q, want label and color-contrast", text)
	}
}
