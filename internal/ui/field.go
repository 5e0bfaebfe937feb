package ui

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

// field is one input that a person fills in.
type field struct {
	ID, Name, Type, Value, Label string
	Autocomplete, InputMode      string
	Pattern                      string
	MaxLength                    int
	Required, Disabled           bool
	// ReadOnly fields are sent and cannot be changed.
	ReadOnly          bool
	Checkbox, Checked bool
	// Verbatim keeps phones from "correcting" an identifier.
	Verbatim bool
	// Complete, when set, is after how many characters a script sends the form.
	Complete    int
	Focus       bool
	Errors      []string
	Hints       []string
	DescribedBy string
}

func (b *builder) field(node identity.Node) *field {
	attr := node.Attributes
	f := &field{
		ID: b.id(attr.Name), Name: attr.Name, Type: inputType(attr.Type), Label: label(b.say, node),
		Autocomplete: autocomplete(attr), Required: attr.Required, Disabled: attr.Disabled, ReadOnly: attr.Fixed,
		MaxLength: max(attr.MaxLength, 0),
	}
	f.Checkbox = f.Type == "checkbox"
	switch f.Type {
	case "checkbox":
		f.Checked = isTrue(attr.Value)
	case "password": // never sent back to the browser, whatever Kratos says
	case "datetime-local":
		f.Value = localTime(valueText(attr.Value))
	default:
		f.Value = valueText(attr.Value)
	}
	if attr.Pattern != "" {
		// A JSON schema looks for its pattern anywhere in the text; HTML wants all of it to match.
		f.Pattern = ".*(?:" + attr.Pattern + ").*"
	}
	if f.Autocomplete == "one-time-code" {
		f.InputMode, f.Complete = "numeric", codeLength
	}
	f.Verbatim = f.Type == "text" &&
		(strings.HasPrefix(f.Autocomplete, "username") || f.Autocomplete == "one-time-code")
	for _, m := range node.Messages {
		if m.Type == "error" {
			f.Errors = append(f.Errors, messageText(b.say, m))
		} else {
			f.Hints = append(f.Hints, messageText(b.say, m))
		}
	}
	var described []string
	if len(f.Errors) > 0 {
		described = append(described, f.ID+"-error")
	}
	if len(f.Hints) > 0 {
		described = append(described, f.ID+"-hint")
	}
	f.DescribedBy = strings.Join(described, " ")
	return f
}

// codeLength is that of codes by mail and of authenticator apps (kratos: strategy/code/strategy.go CodeLength,
// strategy/totp/generator.go).
const codeLength = 6

func inputType(t string) string {
	if slices.Contains([]string{
		"text", "password", "number", "checkbox", "email", "tel", "datetime-local", "date", "url",
	}, t) {
		return t
	}
	return "text"
}

// autocomplete passes on the tokens that HTML knows. Kratos sends none for identifiers and names,
// for which password managers and phones need them.
func autocomplete(attr identity.Attributes) string {
	var known []string
	for token := range strings.FieldsSeq(attr.Autocomplete) {
		if slices.Contains([]string{
			"email", "tel", "url", "username", "current-password", "new-password", "one-time-code",
			"webauthn", "name", "given-name", "family-name", "bday", "off",
		}, token) {
			known = append(known, token)
		}
	}
	if len(known) > 0 {
		return strings.Join(known, " ")
	}
	switch attr.Name {
	case "identifier", "traits.username":
		return "username"
	case "traits.email", "email":
		return "email"
	case "code", "totp_code":
		return "one-time-code"
	case "traits.name":
		return "name"
	case "traits.name.first", "traits.name.given", "traits.given_name":
		return "given-name"
	case "traits.name.last", "traits.name.family", "traits.family_name":
		return "family-name"
	case "traits.phone":
		return "tel"
	case "traits.website":
		return "url"
	case "traits.birthdate":
		return "bday"
	default:
		return ""
	}
}

// valueText returns the value of a node as a form field holds it. Kratos' values are any JSON.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
}

func isTrue(value any) bool {
	text := valueText(value)
	return text == "true" || text == "on"
}

// localTime turns the time of a trait into what an input of type datetime-local can show.
func localTime(text string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.Format("2006-01-02T15:04:05")
	}
	return text
}
