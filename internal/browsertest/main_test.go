package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"example.com/identityd/internal/cli"
)

const (
	artifactsVariable = "IDENTITYD_TEST_ARTIFACTS"
	requireVariable   = "IDENTITYD_TEST_REQUIRE"
)

// chrome is the one browser of all tests: each of them gets a context of its own in it, which shares
// no cookie with the others.
var chrome browser

type browser struct {
	ctx     context.Context
	missing error
	// artifacts is where screenshots are kept, or empty: each test asks for a folder then.
	artifacts string
}

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "identityd" {
		os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) // for pages whose commands are run
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	stop, err := chrome.start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the browser:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

// start starts the browser, with a profile of its own that is gone afterwards. That there is no
// browser is not an error: the tests say so then.
func (b *browser) start() (stop func(), err error) {
	b.artifacts = os.Getenv(artifactsVariable)
	program, err := find("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		b.missing = err
		return func() {}, nil
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(
		slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program),
		// In a container there is neither a user namespace for the sandbox nor a graphics card.
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(2*time.Minute), // twenty seconds are too few for a first start beside other tests
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// Its warnings about leaked passwords ask a server elsewhere and cover the page.
		chromedp.Flag("disable-features", "Translate,PasswordLeakDetection,OptimizationHints,MediaRouter"),
		chromedp.Flag("hide-scrollbars", true),
	)...)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		closeBrowser()
		end()
		return nil, err
	}
	b.ctx = ctx
	return func() {
		// Closing it in peace waits until the processes are gone, so that the profile can be.
		if err := chromedp.Cancel(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "closing the browser:", err)
		}
		end()
	}, nil
}

func find(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("none of " + strings.Join(names, ", ") + " is in the PATH " +
		"(on Debian: apt-get install chromium)")
}

// need skips the test where there is no browser, or fails it where one is asked for.
func (b *browser) need(t *testing.T) {
	t.Helper()
	switch {
	case b.missing == nil:
	case slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "browser"):
		t.Fatalf("no browser: %v (%s asks for one)", b.missing, requireVariable)
	default:
		t.Skipf("SKIP: no browser: %v", b.missing)
	}
}

// folder returns where the screenshots of the test are kept.
func (b *browser) folder(t *testing.T) string {
	t.Helper()
	if b.artifacts == "" {
		return t.ArtifactDir()
	}
	if err := os.MkdirAll(b.artifacts, 0o750); err != nil {
		t.Fatal(err)
	}
	return b.artifacts
}
