package locale

import "golang.org/x/text/language"

// maxAccept bounds what is read of an Accept-Language header.
const maxAccept = 512

// Match returns the language for a person: the one they chose before, if it is still offered, else the
// best for what their browser accepts, else the default.
func (t *Texts) Match(chosen, accept string) *Printer {
	if len(t.offered) == 1 {
		return t.offered[0]
	}
	if p, ok := t.In(chosen); ok {
		return p
	}
	if len(accept) > maxAccept {
		return t.Default()
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return t.Default()
	}
	_, index, confidence := t.matcher.Match(tags...)
	if confidence == language.No {
		return t.Default()
	}
	return t.offered[index]
}
