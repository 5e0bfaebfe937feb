package main

import (
	"bytes"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// built is the site of the repository, with the options of make site.
func built(t *testing.T) map[string][]byte {
	t.Helper()
	site, err := build("../..", options{version: "v0.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func pagesOf(site map[string][]byte) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(site)) {
		if path.Ext(name) == ".html" {
			out = append(out, name)
		}
	}
	return out
}

// element is a start tag with its attributes.
type element struct {
	name  string
	attrs map[string]string
}

var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// elements reads a page and complains of tags that are not closed in order.
func elements(t *testing.T, name string, page []byte) []element {
	t.Helper()
	var out []element
	var open []string
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			e := element{token.Data, map[string]string{}}
			for _, a := range token.Attr {
				if _, twice := e.attrs[a.Key]; twice {
					t.Errorf("%s: <%s> has %s twice", name, e.name, a.Key)
				}
				e.attrs[a.Key] = a.Val
			}
			out = append(out, e)
			if kind == html.StartTagToken && !slices.Contains(void, e.name) {
				open = append(open, e.name)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%s: got </%s> inside %v", name, token.Data, open)
			}
			open = open[:len(open)-1]
		default:
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: got no end of %v", name, open)
	}
	return out
}

func ids(t *testing.T, name string, all []element) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, e := range all {
		id, has := e.attrs["id"]
		if !has {
			continue
		}
		if out[id] || id == "" {
			t.Errorf("%s: got id %q twice or empty", name, id)
		}
		out[id] = true
	}
	return out
}

func TestTheSameDocumentsMakeTheSameBytes(t *testing.T) {
	first, second := built(t), built(t)
	if len(first) != len(second) {
		t.Fatalf("got %d files, then %d", len(first), len(second))
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs from one run to the next", name)
		}
	}
}

// TestEveryLinkAndAnchorResolves reads what a browser would get, and not what the program meant. It walks from the
// index, so that it also finds pages that nothing leads to.
func TestEveryLinkAndAnchorResolves(t *testing.T) {
	site := built(t)
	read, anchors := map[string][]element{}, map[string]map[string]bool{}
	for _, name := range pagesOf(site) {
		read[name] = elements(t, name, site[name])
		anchors[name] = ids(t, name, read[name])
	}
	reached, queue := map[string]bool{"index.html": true}, []string{"index.html"}
	links := 0
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, e := range read[name] {
			to := e.attrs["href"] + e.attrs["src"]
			u, err := url.Parse(to)
			if err != nil {
				t.Errorf("%s: reading %q: %v", name, to, err)
				continue
			}
			if to == "" || u.Scheme != "" {
				continue
			}
			links++
			file := name
			if u.Path != "" {
				file = path.Join(path.Dir(name), u.Path)
			}
			switch _, there := site[file]; {
			case strings.HasPrefix(u.Path, "/"):
				t.Errorf("%s: %s works only in the root of a host", name, to)
			case !there:
				t.Errorf("%s: %s leads nowhere", name, to)
			case u.Fragment != "" && !anchors[file][u.Fragment]:
				t.Errorf("%s: %s has no such place", name, to)
			case path.Ext(file) == ".html" && !reached[file]:
				reached[file] = true
				queue = append(queue, file)
			}
		}
	}
	for _, name := range pagesOf(site) {
		if !reached[name] && name != "404.html" {
			t.Errorf("nothing leads to %s", name)
		}
	}
	if links < 1000 || len(reached) < 60 {
		t.Errorf("got %d links on %d pages, want those of all documents", links, len(reached))
	}
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	site := built(t)
	for _, name := range pagesOf(site) {
		policy := ""
		for _, e := range elements(t, name, site[name]) {
			if e.attrs["http-equiv"] == "Content-Security-Policy" {
				policy = e.attrs["content"]
			}
			for _, attr := range []string{"src", "srcset", "href", "xlink:href", "data", "poster"} {
				outside := strings.Contains(e.attrs[attr], "//") && e.name != "a"
				if outside {
					t.Errorf("%s: <%s> loads %s", name, e.name, e.attrs[attr])
				}
			}
			if e.attrs["style"] != "" || e.name == "style" || e.name == "script" && e.attrs["src"] == "" {
				t.Errorf("%s: <%s> has style or script in the page, which its policy refuses", name, e.name)
			}
		}
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: got policy %q, want default-src 'none' and nothing unsafe", name, policy)
		}
	}
	for _, name := range []string{"site.css", "search.js"} {
		text := strings.ReplaceAll(string(site[name]), "xmlns='http://www.w3.org/2000/svg'", "")
		if strings.Contains(text, "://") || strings.Contains(text, "@import") {
			t.Errorf("%s loads something from elsewhere", name)
		}
	}
}

// TestThePageOfAMissingPageWorksAtAnyDepth: a server shows it at the address that was asked for.
func TestThePageOfAMissingPageWorksAtAnyDepth(t *testing.T) {
	for base, want := range map[string]string{"": "/", "https://docs.example.com": "/", "https://example.com/identityd/": "/identityd/"} {
		site, err := build("../..", options{base: base})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range elements(t, "404.html", site["404.html"]) {
			to := e.attrs["href"] + e.attrs["src"]
			if to == "" || strings.HasPrefix(to, "#") {
				continue
			}
			rest, ok := strings.CutPrefix(to, want)
			if _, there := site[rest]; !ok || !there {
				t.Errorf("base %q: got a link to %s, want a file below %s", base, to, want)
			}
		}
		_, hasMap := site["sitemap.xml"]
		if hasMap != (base != "") {
			t.Errorf("base %q: got a site map: %v", base, hasMap)
		}
	}
}
