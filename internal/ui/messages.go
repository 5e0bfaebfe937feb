package ui

import (
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// messageText returns the words for a message of Kratos'. Names in it are others'.
func messageText(p *locale.Printer, m identity.Message) string {
	return plain(p.Message(m.ID, m.Context, m.Text), maxSentence)
}

// alert is the summary of what is wrong, above the forms.
type alert struct {
	Texts []string
	Links []link // to the fields with errors
}

// notice is a message that is not an error.
type notice struct {
	Text    string
	Success bool
}

func notices(p *locale.Printer, messages []identity.Message) []notice {
	var out []notice
	for _, m := range messages {
		if m.Type != "error" {
			out = append(out, notice{messageText(p, m), m.Type == "success"})
		}
	}
	return out
}

// finish collects the errors of a page and puts the cursor where they can be mended.
func (b *builder) finish(forms []form, messages []identity.Message) alert {
	var a alert
	for _, m := range messages {
		if m.Type == "error" {
			a.Texts = append(a.Texts, messageText(b.say, m))
		}
	}
	var first, empty *field
	for _, f := range forms {
		for _, row := range f.Rows {
			field := row.Field
			if field == nil {
				continue
			}
			for _, text := range field.Errors {
				a.Links = append(a.Links, link{
					Label: b.say.Text("%s: %s", strings.TrimSuffix(field.Label, ":"), text),
					Href:  "#" + field.ID,
				})
			}
			if len(field.Errors) > 0 && first == nil {
				first = field
			}
			if empty == nil && field.Value == "" && !field.Checkbox && !field.Disabled {
				empty = field
			}
		}
	}
	if first == nil && len(a.Texts) > 0 {
		first = empty
	}
	if first != nil {
		first.Focus = true
		first.DescribedBy = strings.TrimSpace("alert " + first.DescribedBy)
	}
	return a
}
