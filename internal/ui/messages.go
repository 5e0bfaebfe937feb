package ui

import (
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// messageText returns the words for a message of Kratos', which numbers them (Kratos: text/id.go).
// Its own English is the fallback; the texts here are those that it writes for developers.
func messageText(p *locale.Printer, m identity.Message) string {
	if text := english(p, m); text != "" {
		return text
	}
	return plain(m.Text, maxSentence)
}

func english(p *locale.Printer, m identity.Message) string {
	number := func(key string) int { n, _ := m.Context[key].(float64); return int(n) }
	switch m.ID {
	case 1010003:
		return p.Text("Please sign in again to confirm that it is you.")
	case 1010004:
		return p.Text("To protect your account, please confirm with one more method.")
	case 1010014, 1040005:
		return p.Text("We sent a code to your address. If it does not arrive, check the spelling and " +
			"the spam folder.")
	case 1060001:
		return p.Text("You are back in. Choose a new password now, or you will have to do this again.")
	case 1060002, 1060003:
		return p.Text("If the address belongs to an account, a mail is on its way. It can take a minute. " +
			"If none arrives, check the spelling and the spam folder.")
	case 1080001, 1080003:
		return p.Text("A mail is on its way to you. It can take a minute. If none arrives, check the " +
			"spelling of the address and the spam folder.")
	case 1040009:
		return p.Text("Now choose how you will sign in.")
	case 1070004:
		return p.Text("Email or username")
	case 4000001:
		if strings.HasSuffix(m.Text, `is not valid "email"`) {
			return p.Text("Please enter a complete email address.")
		}
	case 4000002:
		return p.Text("Please fill this in.")
	case 4000003, 4000032:
		if n := number("min_length"); n == 1 {
			return p.Text("Please fill this in.")
		} else if n != 0 {
			return p.Text("Please use at least %d characters.", n)
		}
	case 4000017, 4000033:
		if n := number("max_length"); n != 0 {
			return p.Text("Please use at most %d characters.", n)
		}
	case 4000004:
		return p.Text("Please check the format.")
	case 4000006:
		return p.Text("The password or the sign-in name is not right. Please try again.")
	case 4000007:
		return p.Text("An account with this address or name exists already.")
	case addressNotVerified:
		return p.Text("Your address is not verified yet. Verify it, then you can sign in.")
	case 4000031:
		return p.Text("This password is too close to your name or address. Please choose another.")
	case 4000034:
		return p.Text("This password is known from data leaks. Please choose another.")
	case 4010001, 4040001, 4050001, 4060005, 4070005:
		return p.Text("The page was open for too long. Please try again.")
	case 4010008, 4040003, 4060006, 4070006:
		return p.Text("This code is wrong, used or too old. Check it, or ask for a new one.")
	case 4060003, 4060004, 4070001, 4070004:
		return p.Text("This link is wrong, used or too old. Please start again.")
	case 4060001, 4070002:
		return p.Text("This was done already.")
	case 4060002, 4070003:
		return p.Text("That did not work. Please start again.")
	case 4010002, 4010003, 4010004, 4010005, 4010006:
		return p.Text("Please fill in the form and try again.")
	}
	return ""
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
