package stack

import (
	"fmt"
	"net/http"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/plainpage"
)

// offer returns the languages of everything that people read.
func offer(c config.UI) (*locale.Texts, error) {
	texts, err := locale.Load(c.Locales)
	if err != nil {
		return nil, fmt.Errorf("ui.locales: %w", err)
	}
	return texts, nil
}

// plainPages are what people see when the pages themselves cannot be shown.
func plainPages(c config.UI, texts *locale.Texts) (*plainpage.Pages, error) {
	p, err := plainpage.New(texts, orElse(c.Brand.Name, "identityd"))
	if err == nil {
		p.Code = codeOf
	}
	return p, err
}

// plainPages are those of now.
func (s *Stack) plainPages() *plainpage.Pages {
	if p := s.plainNow.Load(); p != nil {
		return p
	}
	return s.plain
}

// startingPage answers a person who came before everything was started.
func startingPage(w http.ResponseWriter, r *http.Request) bool {
	return middleware.PrefersHTML(r) &&
		plainpage.Write(w, r, http.StatusServiceUnavailable, plainpage.Starting, middleware.RequestIDFrom(r.Context()))
}
