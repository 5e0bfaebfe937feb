package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// A file per language and area of the product, so that two people rarely need the same one.
//
//go:embed texts
var textFiles embed.FS

// Texts are the languages that are offered. It is safe for concurrent use.
type Texts struct {
	offered []*Printer
	matcher language.Matcher
}

// Load returns the languages offered, the first of which is the one for those who want none of them;
// English when none is given. The texts of each are read when it speaks first.
func Load(offered []string) (*Texts, error) {
	if len(offered) == 0 {
		offered = []string{Source}
	}
	t := &Texts{}
	var tags []language.Tag
	for _, tag := range offered {
		about, err := tongueOf(tag)
		if err != nil {
			return nil, fmt.Errorf("loading the texts of %s: %w", tag, err)
		}
		t.offered = append(t.offered, &Printer{tongue: about, words: sync.OnceValue(func() *words {
			w, err := load(tag)
			if err != nil {
				// The texts are in the binary, and TestEveryLanguageLoads reads them all.
				return &words{Printer: message.NewPrinter(language.English)}
			}
			return w
		})})
		tags = append(tags, language.Make(tag))
	}
	t.matcher = language.NewMatcher(tags)
	return t, nil
}

// Offered returns the languages in the order in which they are offered.
func (t *Texts) Offered() []*Printer { return slices.Clone(t.offered) }

// Default returns the language of those who want none that is offered.
func (t *Texts) Default() *Printer { return t.offered[0] }

// In returns the language with this tag, if it is offered.
func (t *Texts) In(tag string) (*Printer, bool) {
	i := slices.IndexFunc(t.offered, func(p *Printer) bool { return p.tag == tag })
	if i < 0 {
		return nil, false
	}
	return t.offered[i], true
}

func load(tag string) (*words, error) {
	// Codes and amounts are typed and compared: Latin digits in every language, Arabic among them.
	exact, err := language.Parse(tag + "-u-nu-latn")
	if err != nil {
		return nil, fmt.Errorf("parsing the language: %w", err)
	}
	built := catalog.NewBuilder(catalog.Fallback(exact))
	known := map[string]bool{}
	areas, err := fs.ReadDir(textFiles, path.Join("texts", tag))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the areas: %w", err)
	}
	for _, area := range areas {
		entries, err := readArea(tag, area.Name())
		if err != nil {
			return nil, err
		}
		for key, entry := range entries {
			known[key] = true
			if err := built.Set(exact, key, entry.message(key)); err != nil {
				return nil, fmt.Errorf("reading %q of %s: %w", key, area.Name(), err)
			}
		}
	}
	return &words{message.NewPrinter(exact, message.Catalog(built)), known}, nil
}

func readArea(tag, file string) (map[string]entry, error) {
	body, err := fs.ReadFile(textFiles, path.Join("texts", tag, file))
	if err != nil {
		return nil, fmt.Errorf("reading an area: %w", err)
	}
	entries := map[string]entry{}
	if err := yaml.Unmarshal(body, &entries); err != nil {
		return nil, fmt.Errorf("parsing %s: %w", file, err)
	}
	return entries, nil
}
