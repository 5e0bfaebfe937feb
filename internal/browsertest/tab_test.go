package browsertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageBound is how long one page may take on a loaded machine, with the race detector.
const pageBound = 30 * time.Second

// tab is one person at one browser. What fails fails the test, with what the person would see.
type tab struct {
	t     *testing.T
	ctx   context.Context
	name  string
	shots int

	mu         sync.Mutex
	complaints []string
	allowed    []string
}

// open opens a tab without cookies and without scripts: every page has to work without. The name is
// the beginning of the names of its screenshots.
func open(t *testing.T, name string) *tab {
	t.Helper()
	chrome.need(t)
	b := &tab{t: t, name: name}
	ctx, closeTab := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	t.Cleanup(closeTab)
	b.ctx = ctx
	// The first use binds the tab to the context it is given, so that one has no bound.
	if err := chromedp.Do(ctx, b.desktop(), chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		if _, err := cdp.Call(ctx, s, audits.Enable, cdp.Empty{}); err != nil {
			return err
		}
		off := emulation.SetScriptExecutionDisabledParams{Value: true}
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, off)
		return err
	})); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			b.look("at the end")
		}
		for _, c := range b.heard() {
			t.Errorf("the browser complains: %s", c)
		}
	})
	return b
}

// hear collects what a developer would see in the browser's console: a policy that was violated,
// something that could not be loaded, a script that failed.
func (b *tab) hear(event any) {
	text := ""
	switch ev := event.(type) {
	case *log.EventEntryAdded:
		if e := ev.Entry; e.Level == log.EntryLevelError || e.Source == log.EntrySourceSecurity {
			text = fmt.Sprintf("%s %s: %s (%s)", e.Source, e.Level, e.Text, withoutQuery(e.URL))
		}
	case *audits.EventIssueAdded:
		if d := ev.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			text = "content security policy: " + d.ViolatedDirective + " forbids " + withoutQuery(d.BlockedURL)
		}
	case *runtime.EventExceptionThrown:
		text = "exception: " + ev.ExceptionDetails.Text
	}
	if text == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.allowed {
		if strings.Contains(text, a) {
			return
		}
	}
	b.complaints = append(b.complaints, text)
}

// heard returns the complaints so far, and forgets them.
func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.complaints
	b.complaints = nil
	return out
}

// allow lets the browser say something that belongs to the test, such as the status of an error page.
func (b *tab) allow(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, text)
}

// bounded returns a context for one step, which leaves the tab open when it ends.
func (b *tab) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, pageBound)
}

// visit types an address.
func (b *tab) visit(address string) {
	b.t.Helper()
	b.load("visiting "+withoutQuery(address), chromedp.Navigate(address))
}

// press clicks and waits for the page that follows.
func (b *tab) press(selector string) {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		b.fatal("pressing "+selector, err)
	}
}

// pressText clicks the link or button of that text and waits for the page that follows.
func (b *tab) pressText(text string) {
	b.t.Helper()
	b.pressPath(pressable(text))
}

// pressable is the XPath of the first link or button of that text.
func pressable(text string) string {
	return fmt.Sprintf(`(//*[self::a or self::button][normalize-space()=%q])[1]`, text)
}

// pressPath clicks what an XPath finds first and waits for the page that follows.
func (b *tab) pressPath(path string) {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	step := chromedp.Click(chromedp.Search(path), chromedp.NodeVisible)
	if _, err := chromedp.RunResponse(ctx, step); err != nil {
		b.fatal("pressing "+path, err)
	}
}

// leave is pressText for what leads to a page that cannot be loaded, with the browser's word for why.
func (b *tab) leave(text, why string) {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	b.allow(why)
	step := chromedp.Click(chromedp.Search(pressable(text)), chromedp.NodeVisible)
	_, err := chromedp.RunResponse(ctx, step)
	var failed *chromedp.LoadError
	if !errors.As(err, &failed) || !strings.Contains(failed.ErrorText, why) {
		b.t.Fatalf("pressing %s: got %v, want %s", text, err, why)
	}
}

// fill types into a field in place of what is there.
func (b *tab) fill(field, value string) {
	b.t.Helper()
	sel := chromedp.CSS(fmt.Sprintf("main input[name='%s']", field))
	b.load("filling "+field, chromedp.Clear(sel), chromedp.SendKeys(sel, value))
}

func (b *tab) load(doing string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fatal(doing, err)
	}
}

func (b *tab) fatal(doing string, err error) {
	b.t.Helper()
	b.t.Fatalf("%s: %v", doing, err)
}
