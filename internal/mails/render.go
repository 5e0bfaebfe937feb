package mails

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	"text/template"

	"example.com/identityd/internal/locale"
)

// Compose writes a letter of our own, one that Kratos does not send.
func (m *Mails) Compose(p *locale.Printer, l Letter) (Mail, error) {
	var head strings.Builder
	values := map[string]any{"brand": m.brand.Name, "support": m.brand.Support, "code": l.Code, "link": l.Link}
	for _, s := range m.slots(p, l) {
		values[s.name] = s.text
	}
	for _, name := range []string{
		"brand", "support", "code", "link", "lang", "dir", "subject", "title", "text", "button", "life",
		"note", "ignore", "why", "help",
	} {
		set(&head, ":=", name, "."+name)
	}
	return execute(Source{
		Subject: head.String() + "{{$subject}}",
		Text:    head.String() + textSkeleton,
		HTML:    head.String() + m.colored(htmlSkeleton),
	}, values)
}

// execute does what Kratos' courier does with templates (kratos: courier/template/load_template.go).
func execute(s Source, model map[string]any) (Mail, error) {
	functions := map[string]any{
		"regexReplaceAll": func(pattern, text, with string) string {
			return regexp.MustCompile(pattern).ReplaceAllString(text, with)
		},
	}
	plain := func(name, source string) (string, error) {
		parsed, err := template.New(name).Funcs(functions).Parse(source)
		if err != nil {
			return "", fmt.Errorf("parsing the %s of a mail: %w", name, err)
		}
		var b bytes.Buffer
		if err := parsed.Execute(&b, model); err != nil {
			return "", fmt.Errorf("writing the %s of a mail: %w", name, err)
		}
		return b.String(), nil
	}
	subject, err := plain("subject", s.Subject)
	if err != nil {
		return Mail{}, err
	}
	text, err := plain("text", s.Text)
	if err != nil {
		return Mail{}, err
	}
	parsed, err := htmltemplate.New("html").Funcs(functions).Parse(s.HTML)
	if err != nil {
		return Mail{}, fmt.Errorf("parsing the html of a mail: %w", err)
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, model); err != nil {
		return Mail{}, fmt.Errorf("writing the html of a mail: %w", err)
	}
	return Mail{Subject: strings.TrimSpace(subject), Text: text, HTML: b.String()}, nil
}
