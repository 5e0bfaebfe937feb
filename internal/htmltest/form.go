package htmltest

import (
	"net/url"

	"golang.org/x/net/html"
)

// Form is a form as a browser would send it.
type Form struct {
	Method, Action string
	// Fields are those that would be sent without pressing a particular button.
	Fields url.Values
}

// Form collects the one form that matches a selector.
func (p *Page) Form(selector string) Form {
	p.t.Helper()
	return p.collect(selector, p.One(selector))
}

// FormWith collects the one form that matches a selector and has a field or a button of each name.
func (p *Page) FormWith(selector string, names ...string) Form {
	p.t.Helper()
	var found []*html.Node
	for _, n := range p.All(selector) {
		if holds(n, names) {
			found = append(found, n)
		}
	}
	if len(found) != 1 {
		p.t.Fatalf("%q with %q: got %d forms, want 1, in:\n%s", selector, names, len(found), p)
	}
	return p.collect(selector, found[0])
}

func holds(form *html.Node, names []string) bool {
	have := map[string]bool{}
	for child := range form.Descendants() {
		if child.Type == html.ElementNode {
			name, _ := Attr(child, "name")
			have[name] = true
		}
	}
	for _, name := range names {
		if !have[name] {
			return false
		}
	}
	return true
}

func (p *Page) collect(selector string, n *html.Node) Form {
	p.t.Helper()
	if n.Data != "form" {
		p.t.Fatalf("%q is a %s, not a form", selector, n.Data)
	}
	f := Form{Fields: url.Values{}}
	f.Method, _ = Attr(n, "method")
	f.Action, _ = Attr(n, "action")
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && child.Data == "input" {
			f.add(child)
		}
	}
	return f
}

func (f Form) add(input *html.Node) {
	name, _ := Attr(input, "name")
	kind, _ := Attr(input, "type")
	if _, disabled := Attr(input, "disabled"); name == "" || disabled || kind == "submit" {
		return
	}
	value, hasValue := Attr(input, "value")
	if kind == "checkbox" || kind == "radio" {
		if _, checked := Attr(input, "checked"); !checked {
			return
		}
		if !hasValue {
			value = "on"
		}
	}
	f.Fields.Add(name, value)
}
