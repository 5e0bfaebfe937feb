package ui

import (
	"fmt"
	"html/template"
	"sync"

	"example.com/identityd/internal/locale"
)

// page is a template that takes nothing but a T.
type page[T spoken] struct{ *sheet }

// sheet is the template of a page. It is made in a language when the page is first shown in it: most
// pages are never asked for in most of the languages that are offered.
type sheet struct {
	name    string
	texts   *locale.Texts
	layout  func() (*template.Template, error)
	buffers *buffers

	mu sync.Mutex
	by map[string]*template.Template // by language
}

// in returns the template in a language that is offered.
func (s *sheet) in(lang string) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.by[lang]; made != nil {
		return made, nil
	}
	say, ok := s.texts.In(lang)
	if !ok {
		say = s.texts.Default()
	}
	layout, err := s.layout()
	if err != nil {
		return nil, err
	}
	// A set of its own per page and language, so that the functions know it wherever they are called.
	set, err := layout.Clone()
	if err != nil {
		return nil, fmt.Errorf("cloning the layout for %s: %w", s.name, err)
	}
	if _, err := set.Funcs(functions(say)).ParseFS(templateFiles, "templates/"+s.name+".html"); err != nil {
		return nil, fmt.Errorf("parsing page %s: %w", s.name, err)
	}
	s.by[lang] = set.Lookup("layout")
	return s.by[lang], nil
}

// parseLayout parses what all pages share.
func parseLayout(texts *locale.Texts) func() (*template.Template, error) {
	return sync.OnceValues(func() (*template.Template, error) {
		parsed, err := template.New("").Funcs(functions(texts.Default())).ParseFS(templateFiles, "templates/layout/*.html")
		if err != nil {
			return nil, fmt.Errorf("parsing the layout: %w", err)
		}
		return parsed, nil
	})
}
