package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// entry is a part of a page that the search can find.
type entry struct {
	Page    string `json:"p"`
	Heading string `json:"h"`
	Href    string `json:"u"`
	Words   string `json:"w"`
}

// searchIndex is a script and not JSON: pages that are opened from a disk may load nothing else.
func searchIndex(documents []*document) ([]byte, error) {
	var entries []entry
	for _, d := range documents {
		now := entry{Page: d.title, Heading: d.title, Href: d.out}
		var words []string
		done := func() {
			slices.Sort(words)
			now.Words = strings.Join(slices.Compact(words), " ")
			entries = append(entries, now)
			words = nil
		}
		for n := d.tree.FirstChild(); n != nil; n = n.NextSibling() {
			text := plain(n, d.text)
			if h, ok := n.(*ast.Heading); ok && h.Level > 1 && h.Level < 4 {
				done()
				id, _ := h.AttributeString("id")
				now = entry{Page: d.title, Heading: text, Href: fmt.Sprintf("%s#%s", d.out, id)}
			}
			words = append(words, strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_-./", r)
			})...)
		}
		done()
	}
	raw, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("writing the index of the search: %w", err)
	}
	return slices.Concat([]byte("globalThis.siteIndex = "), raw, []byte(";\n")), nil
}

// siteMap needs absolute addresses, so that there is one only where base says where the site is.
func siteMap(base string, documents []*document) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, d := range documents {
		b.WriteString("  <url><loc>")
		_ = xml.EscapeText(&b, []byte(strings.TrimSuffix(base, "/")+"/"+strings.TrimSuffix(d.out, "index.html")))
		b.WriteString("</loc></url>\n")
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// basePath is where the page of a missing page finds the others: it is shown at any depth.
func basePath(base string) string {
	u, err := url.Parse(base)
	if err != nil || base == "" {
		return "/"
	}
	return strings.TrimSuffix(u.Path, "/") + "/"
}
