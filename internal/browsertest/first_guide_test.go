//go:build unix

package browsertest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/doctest"
)

// promised is what the page says that it takes, with the build.
const promised = 10 * time.Minute

// TestTheFirstFiveMinutes does what docs/guides/first-five-minutes.md says: its commands unedited, in an empty home, and a browser where it
// says "Open". With IDENTITYD_TEST_LONG=1 the program is built from a fresh clone with empty caches; otherwise this program is the one
// that make has built.
func TestTheFirstFiveMinutes(t *testing.T) {
	for _, program := range []string{"python3", "caddy", "make"} {
		needs(t, program)
	}
	built := clone(t)
	if !doctest.Alone(t) {
		return
	}
	chrome.need(t)
	home := t.TempDir()
	reader := &doctest.Reader{Dir: built.dir, Bound: promised, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}}
	begin := time.Now()
	steps := doctest.Of(t, "docs/guides/first-five-minutes.md")
	readme, production, audit := doctest.Of(t, "README.md"), doctest.Of(t, "docs/production.md"), doctest.Of(t, "docs/audit.md")
	b := open(t, "first-guide")
	b.allow("403") // who is refused sees a page of that status
	for _, at := range pageSteps(t, steps) {
		if at.block != nil {
			reader.Do(t, *at.block)
		} else {
			firstGuideOpens(t, b, at.opens, at.nth)
		}
		t.Logf("%6.1fs line %d", (built.took + time.Since(begin)).Seconds(), at.line)
	}
	whole := built.took + time.Since(begin)
	t.Logf("the page was followed to its end in %s, %s of it for the build", whole.Round(time.Millisecond), built.took.Round(time.Millisecond))
	if whole > promised {
		t.Errorf("got %s for the whole page, which promises %s", whole, promised)
	}
	// What other pages do with an identityd at these ports.
	t.Run("the README's way with curl", func(t *testing.T) { readmeCurls(t, reader, b, readme) })
	t.Run("keys and groups by the admin APIs", func(t *testing.T) { adminCurls(t, reader, production) })
	t.Run("the audit trail is checked by Python", func(t *testing.T) { auditPython(t, reader, audit) })
}

// firstGuideOpens is what a person does where the page says "Open", and what they see then.
func firstGuideOpens(t *testing.T, b *tab, address string, nth int) {
	t.Helper()
	const app = "http://localhost:8000"
	b.visit(address)
	switch {
	case address == "http://localhost:3000":
		if !b.has(`//a[normalize-space()="Create an account"]`) {
			t.Error("the start page leads to no sign-up")
		}
		b.shot("pages")
	case address == "http://localhost:8080":
		b.shows("Hello, stranger!")
		refused(t, app)
	case address == app && nth == 1:
		b.heading("Sign in")
		b.pressText("Create an account")
		b.heading("Create your account")
		b.fill("traits.email", "ada@example.com")
		b.fill("traits.name", "Ada Lovelace")
		b.fill("password", password)
		b.press("main button[name=method][value=password]")
		b.shows("Hello, Ada Lovelace!")
		b.at(app + "/")
		b.shot("protected")
		stranger := open(t, "first-guide-stranger")
		stranger.visit(app)
		stranger.heading("Sign in")
	case address == app && nth == 2:
		b.heading("This page is not for this account")
		b.shot("refused")
	case address == app && nth == 3:
		b.shows("Hello, Ada Lovelace!")
	default:
		t.Fatalf("the page opens %s once more than this test knows what for", address)
	}
}

// pageStep is a block, or an address that the page says to open.
type pageStep struct {
	line  int
	block *doctest.Block
	opens string
	nth   int // of the same address
}

// pageSteps are the steps of the page in their order.
func pageSteps(t *testing.T, blocks []doctest.Block) []pageStep {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(doctest.Root(t), filepath.FromSlash(blocks[0].Page)))
	if err != nil {
		t.Fatal(err)
	}
	var out []pageStep
	for i := range blocks {
		out = append(out, pageStep{line: blocks[i].Line, block: &blocks[i]})
	}
	seen := map[string]int{}
	for i, line := range strings.Split(string(raw), "\n") {
		for _, m := range regexp.MustCompile(`[Oo]pen <(http://[^>]+)>`).FindAllStringSubmatch(line, -1) {
			seen[m[1]]++
			out = append(out, pageStep{line: i + 1, opens: m[1], nth: seen[m[1]]})
		}
	}
	slices.SortStableFunc(out, func(a, b pageStep) int { return a.line - b.line })
	for address, want := range map[string]int{"http://localhost:3000": 1, "http://localhost:8080": 1, "http://localhost:8000": 3} {
		if seen[address] != want {
			t.Fatalf("the page opens %s %d times, and this test knows what for %d times", address, seen[address], want)
		}
	}
	return out
}

// cloned is a clone in which make build has been run.
type cloned struct {
	dir  string
	took time.Duration
}
