package inbox

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText returns the words of a page, a line per block, and the addresses it links to. It is for
// finding codes, not for showing.
func htmlText(page string) (string, []string) {
	var out strings.Builder
	var hrefs []string
	var skip atom.Atom // inside script, style and the like: their text is not the reader's
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken: // the end: the reader is a string
			return out.String(), hrefs
		case html.TextToken:
			if skip == 0 {
				out.Write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			switch {
			case skip != 0:
				if kind == html.EndTagToken && t.DataAtom == skip {
					skip = 0
				}
			case kind == html.StartTagToken && unread(t.DataAtom):
				skip = t.DataAtom
			case t.DataAtom == atom.A:
				hrefs = appendHref(hrefs, t.Attr)
			case !inline(t.DataAtom):
				out.WriteByte('\n')
			}
		}
	}
}

func appendHref(hrefs []string, attrs []html.Attribute) []string {
	i := slices.IndexFunc(attrs, func(a html.Attribute) bool { return a.Key == "href" })
	if i < 0 {
		return hrefs
	}
	return append(hrefs, strings.TrimSpace(attrs[i].Val))
}

func unread(a atom.Atom) bool {
	return slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Title, atom.Template}, a)
}

func inline(a atom.Atom) bool {
	return slices.Contains([]atom.Atom{
		atom.B, atom.Code, atom.Em, atom.Font, atom.I, atom.Small, atom.Span, atom.Strong, atom.U,
	}, a)
}
