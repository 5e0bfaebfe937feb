package mails

import (
	_ "embed" // the skeletons
	"fmt"
	"strconv"
	"strings"
)

// The skeletons are the same for every mail. They are Go templates over variables that are set before
// them: for Kratos by the language that it finds, for a letter of ours by what it says.
//
//go:embed letter.gohtml
var htmlSkeleton string

//go:embed letter.gotxt
var textSkeleton string

// Source is a mail of Kratos' as the templates that its courier executes itself, over its own model.
type Source struct{ Subject, Text, HTML string }

// Source returns the templates of a mail of Kratos'. Each speaks every language that is offered: which
// one is decided when the mail is written, by the address that the flow began at, because that is all
// that Kratos tells (docs/ory-quirks.md#q46).
func (m *Mails) Source(kind Kind) Source {
	head := m.head(kind)
	return Source{
		Subject: head + "{{$subject}}",
		Text:    head + textSkeleton,
		HTML:    head + m.colored(htmlSkeleton),
	}
}

// head sets the variables of a skeleton. It uses what is in Go's templates and one function of sprig's
// that Kratos has and render.go gives: a mail must not depend on more.
func (m *Mails) head(kind Kind) string {
	var b strings.Builder
	code, link := kind.fields()
	plain := m.texts.Default()
	words := m.words(plain, kind)
	set(&b, ":=", "brand", strconv.Quote(m.brand.Name))
	set(&b, ":=", "support", strconv.Quote(m.brand.Support))
	set(&b, ":=", "code", orQuote(code, words.Code))
	set(&b, ":=", "link", orQuote(link, words.Link))
	for _, s := range m.slots(plain, words) {
		set(&b, ":=", s.name, withCode(s.text, code))
	}
	set(&b, ":=", "asked", `regexReplaceAll "^.*[?&]lang=([A-Za-z-]+).*$" .RequestURL "${1}"`)
	for _, p := range m.texts.Offered()[1:] {
		fmt.Fprintf(&b, "{{if eq $asked %q}}", p.Lang())
		for _, s := range m.slots(p, m.words(p, kind)) {
			set(&b, "=", s.name, withCode(s.text, code))
		}
		b.WriteString("{{end}}")
	}
	return b.String()
}

func set(b *strings.Builder, how, name, value string) {
	fmt.Fprintf(b, "{{$%s %s %s}}", name, how, value)
}

// codeMark stands for the code in a sentence, until Kratos knows it.
const codeMark = "\ue000"

// withCode returns a sentence as a value of a template, with the field of the code where its mark is.
func withCode(text, field string) string {
	before, after, marked := strings.Cut(text, codeMark)
	if !marked {
		return strconv.Quote(text)
	}
	return "(print " + strconv.Quote(before) + " " + field + " " + strconv.Quote(after) + ")"
}

// orQuote returns the field of the model, or a fixed text where the model has none.
func orQuote(field, text string) string {
	if field != "" {
		return field
	}
	return strconv.Quote(text)
}

// colored puts in the colors of the brand: checked in New, so that they can stand in a style.
func (m *Mails) colored(skeleton string) string {
	return strings.NewReplacer("ONACCENT", onColor(m.brand.Accent), "ACCENT", m.brand.Accent).Replace(skeleton)
}

// onColor returns black or white, whichever is easier to read on a color (WCAG 2.2, relative luminance).
func onColor(hex string) string {
	n, _ := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	light := 0.2126*linear(n>>16&0xff) + 0.7152*linear(n>>8&0xff) + 0.0722*linear(n&0xff)
	if (light+0.05)/0.05 > 1.05/(light+0.05) {
		return "#000000"
	}
	return "#ffffff"
}
