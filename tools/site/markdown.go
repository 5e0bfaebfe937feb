package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// heading is one line of what is on a page.
type heading struct {
	Level  int
	ID     string
	Text   string
	Nested []heading
}

// document is a page as it was read: its tree, and what others may link to.
type document struct {
	*page
	tree     ast.Node
	markdown goldmark.Markdown
	headings []heading
	ids      anchors
}

func parse(p *page, files *files) *document {
	d := &document{page: p, ids: anchors{}}
	d.markdown = goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&blocks{files: files, source: p.text, page: p}, 100))),
	)
	d.tree = d.markdown.Parser().Parse(text.NewReader(p.text), parser.WithContext(parser.NewContext(parser.WithIDs(d.ids))))
	each(d.tree, func(n ast.Node) {
		if h, ok := n.(*ast.Heading); ok {
			id, _ := h.AttributeString("id")
			d.headings = append(d.headings, heading{Level: h.Level, ID: fmt.Sprintf("%s", id), Text: plain(h, p.text)})
		}
	})
	each(d.tree, func(n ast.Node) {
		if id := ownAnchor(n, p.text); id != "" && !d.ids[id] {
			d.ids[id] = true
			n.SetAttributeString("id", []byte(id))
		}
	})
	callouts(d.tree, p.text)
	return d
}

var anchorTag = regexp.MustCompile(`^<a id="([A-Za-z0-9_.-]+)">$`)

// ownAnchor is the anchor that a document gives to a place by itself: <a id="database-url"></a>.
func ownAnchor(n ast.Node, source []byte) string {
	raw, ok := n.(*ast.RawHTML)
	if !ok {
		return ""
	}
	if m := anchorTag.FindSubmatch(raw.Segments.Value(source)); m != nil {
		return string(m[1])
	}
	return ""
}

func (d *document) render() ([]byte, error) {
	var out bytes.Buffer
	if err := d.markdown.Renderer().Render(&out, d.text, d.tree); err != nil {
		return nil, err // it names the document
	}
	return out.Bytes(), nil
}

// contents are the headings below the title. Third levels are left out where they would be too many to read.
func (d *document) contents() []heading {
	const most = 40
	var out []heading
	for _, h := range d.headings {
		switch {
		case h.Level == 2:
			out = append(out, h)
		case h.Level == 3 && len(out) > 0 && len(d.headings) <= most:
			last := &out[len(out)-1]
			last.Nested = append(last.Nested, h)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

func each(tree ast.Node, do func(ast.Node)) {
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			do(n)
		}
		return ast.WalkContinue, nil
	})
}

// plain is the text of a node without its marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	each(n, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(source))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b.Write(line.Value(source))
			}
		}
		if n.Type() == ast.TypeBlock {
			b.WriteByte(' ')
		}
	})
	return strings.TrimSpace(b.String())
}

// callouts takes the first line of a quote as GitHub does: > [!NOTE], > [!WARNING] and so on.
func callouts(tree ast.Node, source []byte) {
	each(tree, func(n ast.Node) {
		quote, ok := n.(*ast.Blockquote)
		if !ok || quote.FirstChild() == nil {
			return
		}
		first := plain(quote.FirstChild(), source)
		for _, kind := range []string{"note", "tip", "important", "warning", "caution"} {
			mark := "[!" + strings.ToUpper(kind) + "]"
			if !strings.HasPrefix(first, mark) {
				continue
			}
			quote.SetAttributeString("class", []byte("callout "+kind))
			// The mark is read as up to three pieces of text.
			paragraph, left := quote.FirstChild(), len(mark)
			for c := paragraph.FirstChild(); c != nil && left > 0; c = paragraph.FirstChild() {
				piece, ok := c.(*ast.Text)
				if !ok {
					break
				}
				left -= piece.Segment.Len()
				paragraph.RemoveChild(paragraph, c)
			}
			label := ast.NewString([]byte(strings.ToUpper(kind[:1]) + kind[1:] + ": "))
			strong := ast.NewEmphasis(2)
			strong.AppendChild(strong, label)
			if at := paragraph.FirstChild(); at != nil {
				paragraph.InsertBefore(paragraph, at, strong)
			} else {
				paragraph.AppendChild(paragraph, strong)
			}
		}
	})
}
