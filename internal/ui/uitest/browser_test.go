package uitest_test

import (
	"context"
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
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

const (
	artifactsVariable = "IDENTITYD_TEST_ARTIFACTS"
	requireVariable   = "IDENTITYD_TEST_REQUIRE"
	longVariable      = "IDENTITYD_TEST_LONG"
	// stepBound is how long one step may take on a loaded machine, with the race detector.
	stepBound = 30 * time.Second
)

// startBrowser starts a browser for one test, or skips the test where there is none.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	program, err := findBrowser()
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "browser") {
			t.Fatalf("%v (%s asks for one)", err, requireVariable)
		}
		t.Skipf("SKIP: %v", err)
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(
		slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program),
		// In a container there is neither a user namespace for the sandbox nor a graphics card.
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(2*time.Minute), // twenty seconds are too few for a first start beside other tests
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
	)...)
	t.Cleanup(end)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	return ctx
}

func findBrowser() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no browser in the PATH (on Debian: apt-get install chromium)")
}

// tab is a window of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func openTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	b := &tab{t, ctx}
	// Some pages leave half a second after they have loaded. Here they stay until they were looked at.
	b.do("keeping pages", command(network.Enable, network.EnableParams{}), command(network.SetBlockedURLs,
		network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/assets/leave*", Block: true}}}))
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

// eval returns what an expression of JavaScript becomes.
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

// window is how wide the window is and which colors the person prefers.
func (b *tab) window(width, height int64, scheme string) {
	b.t.Helper()
	b.do("resizing the window", chromedp.EmulateViewport(width, height), command(emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}))
}

// language is what the browser asks for from now on.
func (b *tab) language(tag string) {
	b.t.Helper()
	b.do("choosing a language", command(network.Enable, network.EnableParams{}),
		command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": tag}}))
}

func (b *tab) scripts(on bool) {
	b.t.Helper()
	b.do("switching scripts", command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

func (b *tab) visit(address string) {
	b.t.Helper()
	b.do("visiting a page", chromedp.Navigate(address))
}

// picture returns the whole page as a PNG, in a window at least as high as said.
func (b *tab) picture(width, height int64, scheme string) []byte {
	b.t.Helper()
	b.window(width, height, scheme)
	if high := eval[float64](b, "document.documentElement.scrollHeight"); int64(high) > height {
		// A window as high as the page: Chromium does not draw frames that are out of sight.
		b.window(width, int64(high), scheme)
	}
	ctx, cancel := context.WithTimeout(b.ctx, stepBound)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatalf("taking a picture: %v", err)
	}
	return raw
}

func command[P, R any](cmd cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, cmd, params)
		return err
	})
}

// keep writes a file among the artifacts of the run.
func keep(t *testing.T, folder, name string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), body, 0o600); err != nil {
		t.Fatal(err)
	}
}
