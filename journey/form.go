package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// form is a form of a page with what a person has filled in.
type form struct {
	method  string
	action  *url.URL
	fields  []*field
	buttons []*button
}

type field struct {
	name, value, kind           string
	checked, disabled, required bool
}

type button struct {
	name, value, text string
	skipsChecks       bool
}

// form finds the one form of the page that has all the named fields.
func (p *page) form(names ...string) (*form, error) {
	var found []*form
	var bad error
	p.doc.Find("form").Each(func(_ int, s *goquery.Selection) {
		f, err := p.parseForm(s)
		if err != nil {
			bad = errors.Join(bad, err)
			return
		}
		if !slices.ContainsFunc(names, func(n string) bool { return f.field(n) == nil }) {
			found = append(found, f)
		}
	})
	if bad != nil {
		return nil, bad
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("wanted one form with %s, found %d on %s",
			strings.Join(names, ", "), len(found), p.seen())
	}
	return found[0], nil
}

func (p *page) parseForm(s *goquery.Selection) (*form, error) {
	action, err := p.url.Parse(s.AttrOr("action", p.url.String()))
	if err != nil {
		return nil, fmt.Errorf("reading the action of a form on %s: %w", place(p.url), err)
	}
	if kind := s.AttrOr("enctype", ""); kind != "" && kind != "application/x-www-form-urlencoded" {
		return nil, fmt.Errorf("a form on %s is sent as %s, which nothing here needs", place(p.url), kind)
	}
	f := &form{method: strings.ToUpper(s.AttrOr("method", http.MethodGet)), action: action}
	controls := s.Find("input,select,textarea,button").FilterFunction(
		func(_ int, c *goquery.Selection) bool { return c.AttrOr("form", "") == "" })
	if id := s.AttrOr("id", ""); id != "" {
		controls = controls.AddSelection(p.doc.Find(`[form]`).FilterFunction(
			func(_ int, c *goquery.Selection) bool { return c.AttrOr("form", "") == id }))
	}
	controls.Each(func(_ int, c *goquery.Selection) { f.add(c) })
	return f, nil
}

func (f *form) add(c *goquery.Selection) {
	tag, kind := goquery.NodeName(c), strings.ToLower(c.AttrOr("type", ""))
	name, value := c.AttrOr("name", ""), c.AttrOr("value", "")
	off := c.Is("[disabled]") || c.Closest("fieldset[disabled]").Length() > 0
	switch {
	case tag == "button" && (kind == "" || kind == "submit"), tag == "input" && kind == "submit":
		text := squeeze(c.Text())
		if tag == "input" {
			text = value
		}
		if !off {
			f.buttons = append(f.buttons, &button{
				name: name, value: value, text: text, skipsChecks: c.Is("[formnovalidate]"),
			})
		}
		return
	case tag == "button", kind == "button", kind == "reset", kind == "image", kind == "file":
		return
	case tag == "textarea":
		value = c.Text()
	case tag == "select":
		option := c.Find("option[selected]").First()
		if option.Length() == 0 {
			option = c.Find("option").First()
		}
		value = option.AttrOr("value", squeeze(option.Text()))
	case (kind == "checkbox" || kind == "radio") && !c.Is("[value]"):
		value = "on"
	}
	f.fields = append(f.fields, &field{
		name: name, value: value, kind: kind, disabled: off,
		checked: c.Is("[checked]"), required: c.Is("[required]"),
	})
}

func (f *form) field(name string) *field {
	for _, x := range f.fields {
		if x.name == name {
			return x
		}
	}
	return nil
}

// fill types into a field, as far as a person could.
func (f *form) fill(name, value string) error {
	x := f.field(name)
	switch {
	case x == nil:
		return fmt.Errorf("the form to %s has no field %s", place(f.action), name)
	case x.disabled || x.kind == "hidden" || x.kind == "checkbox" || x.kind == "radio":
		return fmt.Errorf("nobody can type into field %s (%s)", name, x.kind)
	}
	x.value = value
	return nil
}

// tamper changes a hidden field, which no person would.
func (f *form) tamper(name, value string) error {
	x := f.field(name)
	if x == nil || x.kind != "hidden" {
		return fmt.Errorf("the form to %s has no hidden field %s", place(f.action), name)
	}
	x.value = value
	return nil
}

// tick sets the checkbox of that name and value.
func (f *form) tick(name, value string, on bool) error {
	for _, x := range f.fields {
		if x.name == name && x.kind == "checkbox" && x.value == value {
			if x.disabled {
				return fmt.Errorf("checkbox %s=%s is disabled", name, value)
			}
			x.checked = on
			return nil
		}
	}
	return fmt.Errorf("the form to %s has no checkbox %s=%s", place(f.action), name, value)
}

// press finds the button that says or means one of the words; with no word, the one that the enter
// key would press.
func (f *form) press(words ...string) (*button, error) {
	for _, b := range f.buttons {
		matches := func(w string) bool {
			return strings.EqualFold(b.text, w) || strings.EqualFold(b.value, w)
		}
		if len(words) == 0 || slices.ContainsFunc(words, matches) {
			return b, nil
		}
	}
	return nil, fmt.Errorf("the form to %s has no button %s", place(f.action), strings.Join(words, " or "))
}

// values is what the browser would send, or the reason why it would not.
func (f *form) values(with *button) (url.Values, error) {
	values := url.Values{}
	for _, x := range f.fields {
		box := x.kind == "checkbox" || x.kind == "radio"
		empty := (box && !x.checked) || (!box && x.value == "")
		if x.required && empty && !x.disabled && x.kind != "hidden" && !with.skipsChecks {
			return nil, fmt.Errorf("field %s is required and empty: a browser does not send the form", x.name)
		}
		if x.name != "" && !x.disabled && (!box || x.checked) {
			values.Add(x.name, x.value)
		}
	}
	if with.name != "" {
		values.Add(with.name, with.value)
	}
	return values, nil
}
