package mails

import "example.com/identityd/internal/locale"

// Letter is what a mail says, in one language. What is empty is left out.
type Letter struct {
	Subject, Title string
	// Text is the paragraph before the code and the button.
	Text string
	// Code is shown big, for people to type.
	Code string
	// Button leads to Link.
	Button, Link string
	// Life says how long code and link are good, Note and Ignore are the paragraphs after them.
	Life, Note, Ignore string
}

// Mail is a finished mail.
type Mail struct{ Subject, Text, HTML string }

// slots are the parts of a letter and of what is around it, by the name that the skeletons know them by.
func (m *Mails) slots(p *locale.Printer, l Letter) []slot {
	help := ""
	if m.brand.Support != "" {
		help = p.Text("Help and contact")
	}
	return []slot{
		{"lang", p.Lang()},
		{"dir", p.Dir()},
		{"subject", l.Subject},
		{"title", l.Title},
		{"text", l.Text},
		{"button", l.Button},
		{"life", l.Life},
		{"note", l.Note},
		{"ignore", l.Ignore},
		{"why", p.Text("You receive this mail because this address was entered at %s.", m.brand.Name)},
		{"help", help},
	}
}

type slot struct{ name, text string }
