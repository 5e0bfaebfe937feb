package browsertest

import (
	"net/url"
	"strings"

	"github.com/chromedp/chromedp"
)

// text returns what a person reads in the first element of the selector.
func (b *tab) text(selector string) string {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	for {
		out, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
		switch {
		case err == nil:
			return strings.TrimSpace(out)
		case ctx.Err() == nil && strings.Contains(err.Error(), "No node with given id"):
			// The page made way for the next one between finding the element and reading it.
		default:
			b.fatal("reading "+selector, err)
		}
	}
}

// value returns what is in a field.
func (b *tab) value(field string) string {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS("main input[name='"+field+"']")))
	if err != nil {
		b.fatal("reading the field "+field, err)
	}
	return out
}

// has reports whether an XPath finds anything on the page as it is.
func (b *tab) has(path string) bool {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	nodes, err := chromedp.Run(ctx, chromedp.Nodes(chromedp.Search(path), chromedp.AtLeast(0)))
	if err != nil {
		b.fatal("looking for "+path, err)
	}
	return len(nodes) > 0
}

// heading checks which page this is.
func (b *tab) heading(want string) {
	b.t.Helper()
	if got := b.text("h1"); got != want {
		b.t.Fatalf("got the page %q, want %q", got, want)
	}
}

// shows checks that the page says something.
func (b *tab) shows(want string) {
	b.t.Helper()
	if got := b.text("body"); !strings.Contains(got, want) {
		b.t.Fatalf("the page says\n%s\nwant %q in it", got, want)
	}
}

// address returns the address bar, also of a page that could not be loaded.
func (b *tab) address() *url.URL {
	b.t.Helper()
	ctx, cancel := b.bounded()
	defer cancel()
	history, err := chromedp.Run(ctx, chromedp.NavigationEntries())
	if err != nil {
		b.fatal("reading the address", err)
	}
	u, err := url.Parse(history.Entries[history.CurrentIndex].URL)
	if err != nil {
		b.fatal("reading the address", err)
	}
	return u
}

// at checks the address without its query.
func (b *tab) at(want string) {
	b.t.Helper()
	if got := withoutQuery(b.address().String()); got != want {
		b.t.Fatalf("at %s, want %s", got, want)
	}
}

// withoutQuery leaves challenges, codes and flow ids out of what a test prints.
func withoutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}

// look tells and keeps what the person sees after a failure.
func (b *tab) look(when string) {
	ctx, cancel := b.bounded()
	defer cancel()
	heard, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		heard = err.Error()
	}
	b.t.Logf("%s at %s the page says:\n%s", when, withoutQuery(b.address().String()), heard)
	b.shot("failed")
}
