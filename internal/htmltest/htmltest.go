package htmltest

import (
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Page is a parsed document.
type Page struct {
	t    testing.TB
	root *html.Node
}

// Parse reads a document. HTML parsing repairs everything, so only reading can fail.
func Parse(t testing.TB, body io.Reader) *Page {
	t.Helper()
	root, err := html.Parse(body)
	if err != nil {
		t.Fatalf("parsing HTML: %v", err)
	}
	return &Page{t: t, root: root}
}

// ParseString is Parse for a string.
func ParseString(t testing.TB, body string) *Page {
	t.Helper()
	return Parse(t, strings.NewReader(body))
}

// All returns the elements that match a selector, in document order.
func (p *Page) All(selector string) []*html.Node {
	p.t.Helper()
	compiled, err := cascadia.ParseGroup(selector)
	if err != nil {
		p.t.Fatalf("selector %q: %v", selector, err)
	}
	return cascadia.QueryAll(p.root, compiled)
}

// One returns the element that matches a selector, and ends the test unless it is exactly one.
func (p *Page) One(selector string) *html.Node {
	p.t.Helper()
	found := p.All(selector)
	if len(found) != 1 {
		p.t.Fatalf("%q: got %d elements, want 1, in:\n%s", selector, len(found), p)
	}
	return found[0]
}

// Missing fails the test when anything matches a selector.
func (p *Page) Missing(selector string) {
	p.t.Helper()
	if found := p.All(selector); len(found) > 0 {
		p.t.Errorf("%q: got %d elements, want none, in:\n%s", selector, len(found), p)
	}
}

// Text returns what One(selector) reads as, with runs of space as one.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return Text(p.One(selector))
}

// Attr returns an attribute of One(selector), and ends the test when it has none of that name.
func (p *Page) Attr(selector, name string) string {
	p.t.Helper()
	value, ok := Attr(p.One(selector), name)
	if !ok {
		p.t.Fatalf("%q has no attribute %s", selector, name)
	}
	return value
}

// String returns the document as HTML.
func (p *Page) String() string {
	var b strings.Builder
	if err := html.Render(&b, p.root); err != nil {
		return err.Error()
	}
	return b.String()
}

// Text returns the text inside an element, with runs of space as one.
func Text(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Attr returns an attribute of an element, and whether it is there.
func Attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}
