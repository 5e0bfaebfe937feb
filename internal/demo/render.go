package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed templates
var templateFiles embed.FS

// layout is what every page has. It is embedded in each page's own struct.
type layout struct {
	Title     string
	CSS, Icon string
	// Wide pages use the room of a large screen.
	Wide bool
}

// page is a parsed template that takes nothing but a T.
type page[T any] struct{ tmpl *template.Template }

// pages holds one field per page, and nothing else.
type pages struct {
	Problem   page[problemPage]
	SignedOut page[signedOutPage]
	Start     page[startPage]
	Tokens    page[tokensPage]
}

func loadPages() (*pages, error) {
	shared, err := template.ParseFS(templateFiles, "templates/layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the demo's layout: %w", err)
	}
	p := &pages{}
	for _, load := range []func() error{
		func() error { return p.Problem.parse(shared, "problem") },
		func() error { return p.SignedOut.parse(shared, "signedout") },
		func() error { return p.Start.parse(shared, "start") },
		func() error { return p.Tokens.parse(shared, "tokens") },
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *page[T]) parse(shared *template.Template, name string) error {
	set, err := shared.Clone()
	if err != nil {
		return fmt.Errorf("cloning the demo's layout: %w", err)
	}
	if _, err := set.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
		return fmt.Errorf("parsing the demo's page %s: %w", name, err)
	}
	p.tmpl = set.Lookup("layout")
	return nil
}

func (a *app) layout(title string) layout {
	return layout{Title: title, CSS: a.assets.css.path, Icon: a.assets.icon.path}
}

// render writes a page as a whole or not at all.
func render[T any](w http.ResponseWriter, a *app, status int, p page[T], data T) {
	var body bytes.Buffer
	if err := p.tmpl.Execute(&body, data); err != nil {
		// A page that does not render is a mistake in the program, which its tests find.
		a.log.Error("rendering a page of the demo", "err", err)
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}
