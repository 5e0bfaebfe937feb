package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes a small repository and returns its root.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	base := map[string]string{
		"LICENSE": "free", "docs/index.md": "# Documentation\n\n## Start\n\n- [One](one.md): first.\n- [Records](adr): why.\n",
		"docs/one.md": "# One\n", "docs/adr/0001-a.md": "# A record\n", "main.go": "package main\n",
		"internal/ui/assets/css/10-tokens.css": "", "docs/diagrams/diagram.css": "", "internal/ui/assets/icon.svg": "<svg/>",
		"docs/diagrams/d.svg": `<?xml version="1.0"?><svg viewBox="0 0 1 1"><style>text { fill: red }</style><text>hello</text></svg>`,
	}
	for name, text := range base {
		if _, other := files[name]; !other {
			put(t, root, name, text)
		}
	}
	for name, text := range files {
		put(t, root, name, text)
	}
	return root
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSlug(t *testing.T) {
	for heading, want := range map[string]string{
		"In ten lines":                     "in-ten-lines",
		"`identityd why` and `--json`":     "identityd-why-and---json",
		"Sessions & tokens":                "sessions--tokens",
		"2. Databases":                     "2-databases",
		"What's “new”? Müller_1, naïve-té": "whats-new-müller_1-naïve-té",
	} {
		if got := slug(heading); got != want {
			t.Errorf("%q: got %q, want GitHub's %q", heading, got, want)
		}
	}
}

func TestWhatIsWrittenBecomes(t *testing.T) {
	tests := map[string]struct {
		text    string
		options options
		want    []string
	}{
		"a second heading of the same words gets a number": {
			text: "# One\n\n## Same\n\n## Same\n\n[there](#same-1)", want: []string{`id="same"`, `id="same-1"`, `<a href="#same-1">there</a>`},
		},
		"a link to a page goes to what became of it, under its title": {
			text: "# One\n\n[0001-a.md](adr/0001-a.md#a-record), [why](adr)", want: []string{`<a href="adr/0001-a.html#a-record">A record</a>`, `<a href="adr/index.html">why</a>`},
		},
		"a source is a name where there is no address for it": {
			text: "# One\n\n[main](../main.go)", want: []string{`<span class="source" title="main.go, in the repository">main</span>`},
		},
		"a source is a link where there is one": {
			text: "# One\n\n[main](../main.go)", options: options{source: "https://git.example.com/blob/main/"},
			want: []string{`<a href="https://git.example.com/blob/main/main.go" rel="noreferrer">main</a>`},
		},
		"the license goes along": {text: "# One\n\n[L](../LICENSE)", want: []string{`<a href="files/LICENSE.txt">L</a>`}},
		"code is marked up in its language": {
			text: "# One\n\n```yaml\na: <b>\n```\n\n```text\n<c>\n```", want: []string{`data-language="yaml"`, `<span class="nt">a</span>`, "&lt;b&gt;", `<pre class="code output" tabindex="0"><code>&lt;c&gt;`},
		},
		"a table is inside of what scrolls": {
			text: "# One\n\n| a |\n| --- |\n| b |", want: []string{`<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>`, "</table></div>"},
		},
		"a callout": {
			text: "# One\n\n> [!WARNING]\n> Mind *this*.", want: []string{`<blockquote class="callout warning">`, "<strong>Warning: </strong>", "Mind <em>this</em>."},
		},
		"a diagram is part of the page, without a style of its own": {
			text: "# One\n\n![what it shows](diagrams/d.svg)", want: []string{`<span class="diagram"><svg viewBox="0 0 1 1"><text>hello</text></svg></span>`},
		},
		"an anchor of the document's own is one here, and once": {
			text: "# One\n\n<a id=\"a-b\"></a>\n\n## `a.b`\n\n<a id=\"two\"></a>\n\n## Two\n\n[x](#a-b)", want: []string{`<span id="a-b"></span>`, `<h2 id="ab">`, "<p></p>\n<h2 id=\"two\">", `<a href="#a-b">`},
		},
		"a comment is left out": {text: "# One\n\n<!-- not run -->\ntext <!-- nor this --> here\n\nand", want: []string{"<p>and</p>"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			site, err := build(tree(t, map[string]string{"docs/one.md": test.text}), test.options)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(string(site["one.html"]), want) {
					t.Errorf("got no %s in\n%s", want, site["one.html"])
				}
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"a link to a file that is not there":    {map[string]string{"docs/one.md": "# One\n\n[x](two.md)"}, "docs/one.md links to two.md, which does not exist"},
		"a link to a heading that is not there": {map[string]string{"docs/one.md": "# One\n\n[x](#two)"}, "docs/one.md links to #two, but docs/one.md has no such heading"},
		"an image without a text":               {map[string]string{"docs/one.md": "# One\n\n![](diagrams/d.svg)"}, "docs/one.md: the image diagrams/d.svg has no alternative text"},
		"a page that is listed twice": {
			map[string]string{"docs/index.md": "# D\n\n## S\n\n- [One](one.md): a.\n- [One](one.md): b.\n"}, "docs/index.md lists docs/one.md twice",
		},
		"HTML":             {map[string]string{"docs/one.md": "# One\n\n<script>alert(1)</script>\n"}, "docs/one.md: HTML is not taken over: <script>alert(1)</script>"},
		"HTML among words": {map[string]string{"docs/one.md": "# One\n\na <b>c</b>"}, "docs/one.md: HTML is not taken over: <b>"},
		"two pages at one address": {
			map[string]string{"docs/index.md": "# D\n\n## S\n\n- [One](one.md): a.\n- [Two](../docs.md): b.\n- [Three](project/docs.md): c.\n", "docs.md": "# a", "docs/project/docs.md": "# b"},
			"docs/project/docs.md would be a second project/docs.html",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := build(tree(t, test.files), options{})
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestAFolderOfOthersIsNotReplaced(t *testing.T) {
	root, folder := tree(t, nil), t.TempDir()
	put(t, folder, "mine.txt", "keep")
	if err := run(root, folder, options{}); err == nil || !strings.Contains(err.Error(), "files that are not of a site") {
		t.Errorf("got error %v, want a refusal", err)
	}
	again := filepath.Join(t.TempDir(), "site")
	for range 2 {
		if err := run(root, again, options{}); err != nil {
			t.Fatal(err)
		}
		put(t, again, "stale.html", "of a page that is gone")
	}
	if err := run(root, again, options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(again, "stale.html")); err == nil {
		t.Error("got a page that no document stands behind, want it gone")
	}
}
