package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	artifactsVariable = "IDENTITYD_TEST_ARTIFACTS"
	requireVariable   = "IDENTITYD_TEST_REQUIRE"
	// stepBound is how long one step may take on a loaded machine.
	stepBound = 60 * time.Second
)

// tab is a window of a browser.
type tab struct {
	t   *testing.T
	ctx context.Context
	// folder has the site.
	folder string
}

func (b *tab) visit(name string) {
	b.t.Helper()
	b.do("visiting "+name, chromedp.Navigate("file://"+b.folder+"/"+name))
}

// openTab starts a browser for one test, or skips the test where there is none.
func openTab(t *testing.T, folder string) *tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "browser") {
			t.Fatalf("%v (%s asks for a browser)", err, requireVariable)
		}
		t.Skipf("SKIP: %v (on Debian: apt-get install chromium)", err)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("hide-scrollbars", true))...)
	t.Cleanup(end)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := &tab{t, ctx, folder}
	// The browser ends with the context of the first call.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	return b
}

func (b *tab) do(doing string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepBound)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", doing, err)
	}
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepBound)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluating %.80s: %v", expression, err)
	}
	return out
}

func (b *tab) window(width, height int64, scheme string) {
	b.t.Helper()
	b.do("resizing the window", chromedp.EmulateViewport(width, height), command(emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

func (b *tab) scripts(on bool) {
	b.t.Helper()
	b.do("switching scripts", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

func command[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, cmd, params)
		return err
	})
}

// wide are the elements that stick out of the page at its right, but for what scrolls by itself, and code, whose last spaces hang.
const wide = `[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .code > *, .top, .visually-hidden, .skip, svg")
	&& e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + " " + e.textContent.slice(0, 60))`

// cut are the words of drawings that do not fit into them.
const cut = `[...document.querySelectorAll("svg.drawing text")].filter(t => { const b = t.getBBox(), v = t.ownerSVGElement.viewBox.baseVal;
	return b.x < 0 || b.y < 0 || b.x + b.width > v.width || b.y + b.height > v.height }).map(t => t.textContent)`

// violations run axe-core with the levels A and AA of WCAG 2.0 to 2.2.
const violations = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then(
	r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120) + " " + n.failureSummary).join("\n")))`

// TestTheSiteInABrowser opens the site from a disk, as who has unpacked an archive does.
func TestTheSiteInABrowser(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "site")
	site := built(t)
	if err := write(folder, site); err != nil {
		t.Fatal(err)
	}
	b := openTab(t, folder)
	t.Run("no page is wider than a phone", func(t *testing.T) {
		b := &tab{t, b.ctx, folder}
		b.window(360, 800, "light")
		for _, name := range pagesOf(site) {
			// The records all look alike. The page of a missing page is for servers.
			if strings.HasPrefix(name, "adr/0") && name != "adr/0079-site.html" || name == "404.html" {
				continue
			}
			b.visit(name)
			if got := eval[[]string](b, wide); len(got) > 0 {
				t.Errorf("%s: got wider than the page: %q", name, got)
			}
			if got := eval[int](b, `document.documentElement.scrollWidth`); got > 360 {
				t.Errorf("%s: got a page of %d pixels on a phone of 360", name, got)
			}
			if color := eval[string](b, `getComputedStyle(document.querySelector(".top")).backgroundColor`); color != "rgb(12, 59, 58)" {
				t.Errorf("%s: got a header of %s, want the style of the site", name, color)
			}
		}
	})
	t.Run("the words of drawings fit into them", func(t *testing.T) {
		b := &tab{t, b.ctx, folder}
		b.visit("concepts.html")
		if n := eval[int](b, `document.querySelectorAll("svg.drawing text").length`); n < 100 {
			t.Errorf("got %d words in drawings, want those of all", n)
		}
		if got := eval[[]string](b, cut); len(got) > 0 {
			t.Errorf("got words that are cut: %q", got)
		}
	})
	t.Run("axe-core finds nothing by day or night", func(t *testing.T) {
		b := &tab{t, b.ctx, folder}
		axe, err := os.ReadFile("../../internal/ui/uitest/testdata/axe/axe.min.js")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"index.html", "concepts.html", "operating.html", "failures.html", "adr/index.html"} {
			for _, scheme := range []string{"light", "dark"} {
				b.window(map[string]int64{"light": 360, "dark": 1280}[scheme], 800, scheme)
				b.visit(name)
				// By the debugger, to which the policy of the page does not apply.
				eval[bool](b, string(axe)+"\n; true")
				for _, v := range eval[[]string](b, violations) {
					t.Errorf("%s, %s: %s", name, scheme, v)
				}
			}
		}
	})
	t.Run("the search finds a heading and goes there", func(t *testing.T) {
		b := &tab{t, b.ctx, folder}
		b.visit("adr/0079-site.html")
		eval[bool](b, `document.querySelector("#search").focus(), true`)
		found := eval[string](b, `new Promise(done => { const input = document.querySelector("#search"); input.value = "sealed cookies";
			const look = () => { input.dispatchEvent(new Event("input")); const a = document.querySelector("#found a"); a ? done(a.href) : requestAnimationFrame(look) }; look() })`)
		if !strings.HasSuffix(found, "/concepts.html#the-sealed-cookies") {
			t.Errorf("got %s first, want the heading of the concepts", found)
		}
	})
	t.Run("without JavaScript there is everything but the search", func(t *testing.T) {
		b := &tab{t, b.ctx, folder}
		b.scripts(false)
		defer b.scripts(true)
		b.window(1280, 800, "light")
		b.visit("concepts.html")
		// Scripts of the page are off, the debugger's are not.
		got := eval[[]bool](b, `[".search", ".side", ".toc", "main h1"].map(s => document.querySelector(s).checkVisibility())`)
		if want := []bool{false, true, true, true}; !slices.Equal(got, want) {
			t.Errorf("got search, pages, contents and title shown: %v, want %v", got, want)
		}
	})
	pictures(t, b)
}

// pictures keeps what somebody has to look at.
func pictures(t *testing.T, b *tab) {
	t.Helper()
	folder := os.Getenv(artifactsVariable)
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, "site")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"index", "concepts", "operating", "failures", "performance"} {
		for _, scheme := range []string{"light", "dark"} {
			for width, label := range map[int64]string{360: "phone", 1280: "desktop"} {
				b.visit(name + ".html")
				b.window(width, 800, scheme)
				high := min(int64(eval[float64](b, "document.documentElement.scrollHeight")), 6000)
				b.window(width, high, scheme)
				ctx, cancel := context.WithTimeout(b.ctx, stepBound)
				raw, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
				cancel()
				if err = errors.Join(err, os.WriteFile(filepath.Join(folder, name+"-"+label+"-"+scheme+".png"), raw, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestTheIndexOfTheSearchIsWhole reads it as the browser does.
func TestTheIndexOfTheSearchIsWhole(t *testing.T) {
	raw, ok := strings.CutPrefix(string(built(t)["search-index.js"]), "globalThis.siteIndex = ")
	var entries []entry
	if err := json.Unmarshal([]byte(strings.TrimSuffix(raw, ";\n")), &entries); err != nil || !ok {
		t.Fatalf("got error %v, want a script that sets the index", err)
	}
	if !slices.ContainsFunc(entries, func(e entry) bool { return e.Href == "concepts.html#one-origin" && strings.Contains(e.Words, "issuer") }) {
		t.Error("got no entry of a heading with the words below it")
	}
}
