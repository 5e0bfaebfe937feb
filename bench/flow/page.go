package flow

import (
	"bytes"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// form is one of a page, with the values that a browser would send.
type form struct {
	action, method string
	fields         url.Values
	// button is its first one that submits, which a browser presses for the return key.
	button, value string
}

// forms reads the forms of a page. Their fields have to be inside them, which holds for both sides. The tokenizer is enough for that, and takes a tenth
// of what a tree takes.
func forms(page []byte) []*form {
	var all []*form
	var in *form
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return all
		}
		name, more := z.TagName()
		switch tag := string(name); {
		case kind == html.EndTagToken && tag == "form":
			in = nil
		case kind != html.StartTagToken && kind != html.SelfClosingTagToken:
		case tag == "form":
			a := attributes(z, more)
			in = &form{action: a["action"], method: strings.ToUpper(a["method"]), fields: url.Values{}}
			all = append(all, in)
		case in != nil && tag == "input":
			in.input(attributes(z, more))
		case in != nil && tag == "button":
			in.press(attributes(z, more))
		}
	}
}

func (f *form) input(a map[string]string) {
	_, off := a["disabled"]
	switch a["type"] {
	case "submit":
		f.press(a)
		return
	case "checkbox", "radio":
		_, on := a["checked"]
		off = off || !on
	}
	if a["name"] != "" && !off {
		f.fields.Add(a["name"], a["value"])
	}
}

func (f *form) press(a map[string]string) {
	_, off := a["disabled"]
	if t := a["type"]; off || f.button != "" || a["name"] == "" || (t != "" && t != "submit") {
		return
	}
	f.button, f.value = a["name"], a["value"]
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	out := make(map[string]string, 8)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		out[string(k)] = string(v)
	}
	return out
}

// formWith is the first form that has all of the fields.
func formWith(page []byte, names ...string) *form {
next:
	for _, f := range forms(page) {
		for _, n := range names {
			if !f.fields.Has(n) {
				continue next
			}
		}
		return f
	}
	return nil
}
