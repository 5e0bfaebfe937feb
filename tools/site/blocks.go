package main

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// blocks renders what looks other than goldmark has it: headings with a link to themselves, code, tables that scroll,
// links and images.
type blocks struct {
	files  *files
	source []byte
	page   *page
}

func (b *blocks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, b.heading)
	r.Register(ast.KindFencedCodeBlock, b.fenced)
	r.Register(ast.KindCodeBlock, b.fenced)
	r.Register(ast.KindLink, b.link)
	r.Register(ast.KindCodeSpan, b.codeSpan)
	r.Register(ast.KindImage, b.image)
	r.Register(east.KindTable, b.table)
	r.Register(ast.KindHTMLBlock, b.comment)
	r.Register(ast.KindRawHTML, b.comment)
}

func (b *blocks) heading(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Heading)
	id, _ := n.AttributeString("id")
	switch {
	case entering && n.Level == 1:
		_, _ = fmt.Fprintf(w, `<h1 id="%s">`, id)
	case entering:
		_, _ = fmt.Fprintf(w, `<h%d id="%s">`, n.Level, id)
	case n.Level == 1:
		_, _ = fmt.Fprintln(w, `</h1>`)
	default:
		_, _ = fmt.Fprintf(w, ` <a class="anchor" href="#%s" aria-label="Link to this section: %s">#</a></h%d>`+"\n", id, html.EscapeString(plain(n, b.source)), n.Level)
	}
	return ast.WalkContinue, nil
}

// fenced shows code. What a program prints keeps its lines and scrolls; what one writes is wrapped.
func (b *blocks) fenced(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	language := ""
	if f, ok := node.(*ast.FencedCodeBlock); ok {
		language = strings.ToLower(string(f.Language(b.source)))
	}
	var code bytes.Buffer
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		code.Write(line.Value(b.source))
	}
	if language == "" || language == "text" {
		_, _ = fmt.Fprintf(w, "<pre class=\"code output\" tabindex=\"0\"><code>%s</code></pre>\n", html.EscapeString(code.String()))
		return ast.WalkSkipChildren, nil
	}
	_, _ = fmt.Fprintf(w, "<pre class=\"code\" data-language=\"%s\"><code>", html.EscapeString(language))
	if err := highlight(w, language, code.String()); err != nil {
		return ast.WalkStop, err
	}
	_, _ = fmt.Fprintln(w, "</code></pre>")
	return ast.WalkSkipChildren, nil
}

func highlight(w util.BufWriter, language, code string) error {
	lexer := lexers.Get(language)
	if lexer == nil {
		_, err := w.WriteString(html.EscapeString(code))
		return err
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return fmt.Errorf("reading code in %s: %w", language, err)
	}
	return chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true)).Format(w, styles.Fallback, tokens)
}

func (b *blocks) table(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

// comment leaves out comments, and takes over anchors, unless a heading has the same one. Other HTML would look one
// way on a forge and another here.
func (b *blocks) comment(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if id, ok := node.AttributeString("id"); ok && entering {
		_, _ = fmt.Fprintf(w, `<span id="%s"></span>`, id)
	}
	var lines *text.Segments
	if raw, ok := node.(*ast.RawHTML); ok {
		lines = raw.Segments
	} else {
		lines = node.Lines()
	}
	found := string(lines.Value(b.source))
	isAnchor := ownAnchor(node, b.source) != "" || found == "</a>"
	if !isAnchor && !strings.HasPrefix(strings.TrimSpace(found), "<!--") {
		return ast.WalkStop, fmt.Errorf("%s: HTML is not taken over: %.40s", b.page.source, strings.TrimSpace(found))
	}
	return ast.WalkSkipChildren, nil
}

func (b *blocks) link(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Link)
	to, err := b.files.target(b.page, string(n.Destination))
	if err != nil {
		return ast.WalkStop, err
	}
	switch {
	case to.href == "" && entering:
		_, _ = fmt.Fprintf(w, `<span class="source" title="%s, in the repository">`, html.EscapeString(to.file))
	case to.href == "":
		_, _ = w.WriteString(`</span>`)
	case entering && to.outside:
		_, _ = fmt.Fprintf(w, `<a href="%s" rel="noreferrer">`, html.EscapeString(to.href))
	case entering:
		_, _ = fmt.Fprintf(w, `<a href="%s">`, html.EscapeString(to.href))
	default:
		_, _ = w.WriteString(`</a>`)
	}
	// Where the text of a link is the name of a file, which a site does not have, it is called by its title.
	if label := plain(n, b.source); entering && to.title != "" && strings.HasSuffix(label, ".md") && !strings.Contains(label, " ") {
		_, _ = w.WriteString(html.EscapeString(to.title))
		return ast.WalkSkipChildren, nil
	}
	return ast.WalkContinue, nil
}

// codeSpan keeps short words of code on one line: --json is no place for a break.
func (b *blocks) codeSpan(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	const short = 22
	switch word := plain(node, b.source); {
	case !entering:
		_, _ = w.WriteString(`</code>`)
	case len(word) <= short:
		_, _ = w.WriteString(`<code class="word">` + html.EscapeString(word))
	default:
		_, _ = w.WriteString(`<code>` + html.EscapeString(word))
	}
	return ast.WalkSkipChildren, nil
}

func (b *blocks) image(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	alt := plain(n, b.source)
	if alt == "" {
		return ast.WalkStop, fmt.Errorf("%s: the image %s has no alternative text", b.page.source, n.Destination)
	}
	picture, err := b.files.picture(b.page, string(n.Destination), alt)
	if err != nil {
		return ast.WalkStop, err
	}
	_, _ = w.WriteString(picture)
	return ast.WalkSkipChildren, nil
}
