package locale

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"time"

	"golang.org/x/text/message"
)

// Printer says things in one language. It is safe for concurrent use.
type Printer struct {
	tongue
	// words are read when something is said first: most processes offer languages that few people want.
	words func() *words
}

// words are the texts of one language.
type words struct {
	*message.Printer
	known map[string]bool
}

// Lang returns the language as the attribute lang spells it.
func (p *Printer) Lang() string { return p.tag }

// Name returns what the speakers of the language call it.
func (p *Printer) Name() string { return p.name }

// Dir returns the direction of writing as the attribute dir spells it.
func (p *Printer) Dir() string {
	if p.rtl {
		return "rtl"
	}
	return "ltr"
}

// Text says a sentence. The key is the English sentence, a literal with the verbs of fmt; numbers are
// written as the language does.
func (p *Printer) Text(key string, args ...any) string { return p.words().Sprintf(key, args...) }

// HTML is Text for a page: all is escaped, and each argument that is a text is set apart with bdi, so
// that a name cannot turn the sentence around it.
func (p *Printer) HTML(key string, args ...any) template.HTML {
	// The arguments are put in last, so that nothing in them is read as a part of the sentence.
	const mark = "\ue000%d\ue001"
	var pairs []string
	safe := make([]any, len(args))
	for i, arg := range args {
		switch arg.(type) {
		case int, int32, int64, uint, uint32, uint64, float64:
			safe[i] = arg
			continue
		}
		text := html.EscapeString(fmt.Sprint(arg))
		safe[i] = fmt.Sprintf(mark, i)
		pairs = append(pairs, fmt.Sprintf(mark, i), "<bdi>"+text+"</bdi>")
	}
	out := html.EscapeString(p.Text(key, safe...))
	return template.HTML(strings.NewReplacer(pairs...).Replace(out)) //nolint:gosec // escaped above
}

// Known says a sentence that comes from another package, such as the message of an error: in the
// language when there is a translation of it, else as it is. It has no verbs.
func (p *Printer) Known(sentence string) string {
	if !p.words().known[sentence] {
		return sentence
	}
	return p.words().Sprintf(sentence)
}

// Number writes a whole number.
func (p *Printer) Number(n int) string { return p.words().Sprintf("%d", n) }

// Date writes a day, in UTC.
func (p *Printer) Date(t time.Time) string { return p.format(t.UTC()) }

// DateTime writes a day and the time, in UTC, and says so: nobody knows where the reader is.
func (p *Printer) DateTime(t time.Time) string {
	t = t.UTC()
	return p.format(t) + p.comma + t.Format("15:04") + " UTC"
}
