package ui

import (
	"strings"

	"golang.org/x/net/html"

	"example.com/identityd/internal/htmltest"
)

// formOutline says what a form is made of: [hidden fields] fields | buttons.
func formOutline(form *html.Node) string {
	var hidden, fields, buttons []string
	for n := range form.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		name, _ := htmltest.Attr(n, "name")
		kind, _ := htmltest.Attr(n, "type")
		_, revealed := htmltest.Attr(n, "data-reveal")
		switch {
		case n.Data == "input" && kind == "hidden" && name != "csrf_token":
			hidden = append(hidden, name)
		case n.Data == "input" && kind != "hidden":
			if name == "" {
				name = kind
			}
			fields = append(fields, name)
		case n.Data == "button" && !revealed:
			text := htmltest.Text(n)
			if class, _ := htmltest.Attr(n, "class"); strings.Contains(class, "primary") {
				text = strings.ToUpper(text)
			}
			buttons = append(buttons, text)
		}
	}
	out := "form"
	if _, scripted := htmltest.Attr(form, "data-scripted"); scripted {
		out = "scripted"
	}
	if len(hidden) > 0 {
		out += " [" + strings.Join(hidden, " ") + "]"
	}
	return out + " " + strings.Join(fields, " ") + " | " + strings.Join(buttons, " / ")
}
