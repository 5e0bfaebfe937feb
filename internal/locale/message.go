package locale

import (
	"strconv"
	"strings"
	"time"
)

// Message says a message of Kratos', by its number (kratos: text/id.go) and what it carries. What is
// not known by its number is said as Kratos wrote it: fallback.
func (p *Printer) Message(id int64, context map[string]any, fallback string) string {
	c := values(context)
	var text string
	switch {
	case id >= 1010000 && id < 1020000:
		text = p.loginMessage(id, c)
	case id >= 1040000 && id < 1050000:
		text = p.registrationMessage(id, c)
	case id >= 1050000 && id < 1060000:
		text = p.settingsMessage(id, c)
	case id >= 1060000 && id < 1070000, id >= 1080000 && id < 1090000:
		text = p.mailMessage(id)
	case id >= 1070000 && id < 1080000:
		text = p.labelMessage(id, c)
	case id >= 4000000 && id < 4010000:
		text = p.validationMessage(id, c, fallback)
	case id >= 4900000 && id < 5000000:
		text = p.hookMessage(id, c)
	case id >= 4010000 && id < 4900000:
		text = p.flowMessage(id)
	case id == 5000001:
		text = p.Text("Something went wrong. Please try again.")
	}
	if text == "" {
		return fallback
	}
	return text
}

// values is the context of a message: any JSON.
type values map[string]any

func (v values) text(key string) string {
	switch value := v[key].(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return ""
}

func (v values) number(key string) (float64, bool) {
	n, ok := v[key].(float64)
	return n, ok
}

func (v values) count(key string) int {
	n, _ := v.number(key)
	return int(n)
}

// date returns a time of the context as a day, or nothing where there is none.
func (p *Printer) date(v values, key string) string {
	at, err := time.Parse(time.RFC3339, v.text(key))
	if err != nil || at.IsZero() {
		return ""
	}
	return p.Date(at)
}

func (p *Printer) decimal(v values, key string) string {
	n, ok := v.number(key)
	if !ok {
		return ""
	}
	return p.words().Sprint(n)
}

// title says what a field of the identity schema is called, where the schema is one of ours or uses a
// usual word; what people of their own make of their schemas stays as they wrote it.
func (p *Printer) title(title string) string {
	switch strings.ToLower(strings.TrimSpace(title)) {
	case "email", "e-mail", "email address", "e-mail address":
		return p.Text("Email")
	case "username", "user name":
		return p.Text("Username")
	case "name", "full name":
		return p.Text("Name")
	case "first name", "given name":
		return p.Text("First name")
	case "last name", "family name", "surname":
		return p.Text("Last name")
	case "phone", "phone number", "telephone":
		return p.Text("Phone number")
	case "website":
		return p.Text("Website")
	case "birthdate", "date of birth":
		return p.Text("Date of birth")
	}
	return title
}
