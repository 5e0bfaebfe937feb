package main

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

const maxSeen = 400

// page is an HTML document as a browser without JavaScript has it.
type page struct {
	url    *url.URL
	status int
	header http.Header
	doc    *goquery.Document
}

func newPage(at *url.URL, res reply) (*page, error) {
	kind, _, err := mime.ParseMediaType(res.header.Get("Content-Type"))
	if err != nil || kind != "text/html" {
		return nil, fmt.Errorf("%s answered %d with content type %q instead of a page: %s",
			place(at), res.status, res.header.Get("Content-Type"), shorten(string(res.body)))
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(res.body))
	if err != nil {
		return nil, fmt.Errorf("reading the page at %s: %w", place(at), err)
	}
	return &page{url: at, status: res.status, header: res.header, doc: doc}, nil
}

// wantPage is the page of a landing, which must have the status and be free of inline script.
func (l landing) wantPage(status int) (*page, error) {
	if l.page == nil {
		return nil, fmt.Errorf("wanted a page, but the browser was sent to the application at %s (%s)",
			place(l.callback), answerOf(l.callback))
	}
	if l.page.status != status {
		return nil, fmt.Errorf("wanted status %d, saw %s", status, l.page.seen())
	}
	return l.page, l.page.checkScripts()
}

// wantCallback is the application's address with its answer, for a landing that must not be a page.
func (l landing) wantCallback() (*url.URL, error) {
	if l.callback == nil {
		return nil, fmt.Errorf("wanted to be sent back to the application, saw %s", l.page.seen())
	}
	return l.callback, nil
}

// checkScripts refuses what a strict Content-Security-Policy would have to make an exception for,
// and pages that carry no such policy.
func (p *page) checkScripts() error {
	var found error
	p.doc.Find("*").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		node := s.Nodes[0]
		if node.Data == "script" && strings.TrimSpace(s.Text()) != "" {
			found = fmt.Errorf("inline script on %s", place(p.url))
		}
		for _, a := range node.Attr {
			address := slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key)
			scheme := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || (address && strings.HasPrefix(scheme, "javascript:")) {
				found = fmt.Errorf("inline script in attribute %s of <%s> on %s", a.Key, node.Data,
					place(p.url))
			}
		}
		return found == nil
	})
	if found != nil {
		return found
	}
	return p.checkPolicy()
}

func (p *page) checkPolicy() error {
	policy := p.header.Get("Content-Security-Policy")
	if policy == "" {
		return fmt.Errorf("no Content-Security-Policy on %s", place(p.url))
	}
	scripts := ""
	for directive := range strings.SplitSeq(policy, ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		if name == "script-src" || (name == "default-src" && scripts == "") {
			scripts = sources
		}
	}
	if scripts == "" || strings.Contains(scripts, "'unsafe-inline'") {
		return fmt.Errorf("the Content-Security-Policy of %s lets inline script run", place(p.url))
	}
	return nil
}

// referrerPolicy is the last policy of the header that a browser of today knows.
func (p *page) referrerPolicy() string {
	words := strings.Split(p.header.Get("Referrer-Policy"), ",")
	return strings.ToLower(strings.TrimSpace(words[len(words)-1]))
}

// text is what a person reads: the body without scripts and styles, spaces collapsed.
func (p *page) text() string {
	body := p.doc.Find("body").Clone()
	body.Find("script,style,template,noscript").Remove()
	return squeeze(body.Text())
}

// alerts is what the page announces to a screen reader as having gone wrong.
func (p *page) alerts() string {
	var said []string
	p.doc.Find(`[role="alert"]`).Each(func(_ int, s *goquery.Selection) {
		said = append(said, squeeze(s.Text()))
	})
	return strings.TrimSpace(strings.Join(said, " "))
}

// link finds the one address that the page links to under a path.
func (p *page) link(path string) (*url.URL, error) {
	var found *url.URL
	var bad error
	p.doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
		ref, err := p.url.Parse(s.AttrOr("href", ""))
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("reading a link of %s: %w", place(p.url), err))
			return
		}
		if ref.Path == path && found == nil {
			found = ref
		}
	})
	if bad != nil {
		return nil, bad
	}
	if found == nil {
		return nil, fmt.Errorf("no link to %s on %s", path, p.seen())
	}
	return found, nil
}

// seen describes the page for a report: where, the status, and the words of it.
func (p *page) seen() string {
	text := p.text()
	if alerts := p.alerts(); alerts != "" {
		text = alerts + " | " + text
	}
	return fmt.Sprintf("%s with status %d: %q", place(p.url), p.status, shorten(text))
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

func shorten(text string) string {
	runes := []rune(squeeze(text))
	if len(runes) <= maxSeen {
		return string(runes)
	}
	return string(runes[:maxSeen]) + "..."
}
