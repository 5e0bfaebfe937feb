package locale

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/message/catalog"
)

// entry is a translation: one sentence, or one for each plural form of the language.
type entry struct {
	text  string
	forms map[string]string
}

// forms in the order in which they are tried.
func formNames() []string {
	return []string{"=0", "=1", "zero", "one", "two", "few", "many", "other"}
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (e *entry) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&e.text)
	}
	if err := node.Decode(&e.forms); err != nil {
		return err
	}
	for form := range e.forms {
		if !slices.Contains(formNames(), form) {
			return errors.New("not a plural form: " + form)
		}
	}
	if e.forms["other"] == "" {
		return errors.New(`plural forms need "other"`)
	}
	return nil
}

func (e *entry) message(key string) catalog.Message {
	if e.forms == nil {
		return catalog.String(e.text)
	}
	var cases []any
	for _, form := range formNames() {
		if text, ok := e.forms[form]; ok {
			cases = append(cases, form, text)
		}
	}
	return plural.Selectf(countArg(key), "%d", cases...)
}

// texts returns all sentences of a translation.
func (e *entry) texts() []string {
	if e.forms == nil {
		return []string{e.text}
	}
	var out []string
	for _, form := range formNames() {
		if text, ok := e.forms[form]; ok {
			out = append(out, text)
		}
	}
	return out
}
