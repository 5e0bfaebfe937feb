package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
)

//go:embed assets
var assets embed.FS

// view is what the layout shows around a page.
type view struct {
	Title, Lead, Out, Root string
	Section                string
	Home, Missing          bool
	Sections               []*section
	Current                *page
	Contents               []heading
	Main                   template.HTML
	Before, Next           *page
	Version, Canonical     string
}

// Href is the address of another page.
func (v view) Href(p *page) string { return v.Root + p.out }

// Title and Lead are for the layout.
func (p *page) Title() string { return p.title }

// Lead is one line of what the page is for.
func (p *page) Lead() string { return p.lead }

// build makes every file of the site, by its path.
func build(root string, o options) (map[string][]byte, error) {
	sections, pages, err := collect(root)
	if err != nil {
		return nil, err
	}
	f := &files{root: root, options: o, documents: map[string]*document{}, copied: map[string][]byte{}}
	var documents []*document
	for _, p := range pages {
		d := parse(p, f)
		documents = append(documents, d)
		if f.documents[p.source] != nil {
			return nil, fmt.Errorf("%s lists %s twice", indexFile, p.source)
		}
		f.documents[p.source] = d
	}
	layout, err := template.ParseFS(assets, "assets/layout.html")
	if err != nil {
		return nil, fmt.Errorf("reading the layout: %w", err)
	}
	out := map[string][]byte{}
	for i, d := range documents {
		main, err := d.render()
		if err != nil {
			return nil, err
		}
		v := view{
			Title: d.title, Lead: d.lead, Out: d.out, Root: relative(d.out, ""), Section: d.section, Home: d.source == indexFile,
			Sections: sections, Current: d.page, Contents: d.contents(), Main: template.HTML(main), Version: o.version, //nolint:gosec // rendered by us
		}
		if !d.listed {
			v.Current = nil
		}
		if i > 0 {
			v.Before = pages[i-1]
		}
		if i+1 < len(pages) {
			v.Next = pages[i+1]
		}
		if v.Home {
			v.Contents = nil
		}
		if o.base != "" {
			v.Canonical = strings.TrimSuffix(o.base, "/") + "/" + strings.TrimSuffix(d.out, "index.html")
		}
		if out[d.out] != nil {
			return nil, fmt.Errorf("%s would be a second %s", d.source, d.out)
		}
		if out[d.out], err = shown(layout, v); err != nil {
			return nil, err
		}
	}
	v := view{Title: "Not found", Lead: "There is no such page.", Root: basePath(o.base), Missing: true, Sections: sections, Version: o.version}
	if out["404.html"], err = shown(layout, v); err != nil {
		return nil, err
	}
	return out, f.rest(out, documents)
}

func shown(layout *template.Template, v view) ([]byte, error) {
	var b bytes.Buffer
	if err := layout.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("laying out %s: %w", v.Out, err)
	}
	return b.Bytes(), nil
}

// rest adds what is not a page: styles, the script of the search and its index, pictures, the license, the site map.
func (f *files) rest(out map[string][]byte, documents []*document) error {
	if _, err := f.take("LICENSE"); err != nil {
		return err
	}
	for name, content := range f.copied {
		out[name] = content
	}
	var css bytes.Buffer
	// The tokens and the icon are those of the product's pages.
	for _, name := range []string{"internal/ui/assets/css/10-tokens.css", "docs/diagrams/diagram.css"} {
		raw, err := os.ReadFile(filepath.Join(f.root, name))
		if err != nil {
			return err
		}
		css.Write(raw)
		css.WriteByte('\n')
	}
	for _, name := range []string{"site.css", "search.js"} {
		raw, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		if name == "site.css" {
			raw = append(css.Bytes(), raw...)
		}
		out[name] = raw
	}
	icon, err := os.ReadFile(filepath.Join(f.root, "internal/ui/assets/icon.svg"))
	if err != nil {
		return err
	}
	out["icon.svg"] = icon
	if out["search-index.js"], err = searchIndex(documents); err != nil {
		return err
	}
	if f.options.base != "" {
		out["sitemap.xml"] = siteMap(f.options.base, documents)
	}
	return nil
}
