package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

// comes is how a changed word comes into force, as internal/stack says it.
type comes struct{ Kind, Because string }

// TestTheReferenceIsCurrent holds docs/configuration.md against the types, their comments and what is written by
// hand around them.
func TestTheReferenceIsCurrent(t *testing.T) {
	about, reload := described(t), map[string]comes{}
	if err := json.Unmarshal(file(t, "testdata/reload.json"), &reload); err != nil {
		t.Fatal(err)
	}
	frame, err := template.ParseFiles("testdata/configuration.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	p := pageOf{words: config.Reference(), about: about, reload: reload, known: map[string]bool{}}
	for _, w := range p.words {
		p.known[w.Path] = true
	}
	var page strings.Builder
	page.WriteString("<!-- Made by `make reference` from the comments in internal/config: do not edit. -->\n\n")
	parts := map[string]string{"Contents": p.contents(), "Words": p.all(t), "Owned": p.owned(), "Coming": p.coming()}
	if err := frame.Execute(&page, parts); err != nil {
		t.Fatal(err)
	}
	same(t, "../../docs/configuration.md", page.String())
	raw, err := config.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "../../docs/stack.schema.json", string(raw))
}

// pageOf is what the page is made of.
type pageOf struct {
	words  []config.Word
	known  map[string]bool
	about  map[string]explained
	reload map[string]comes
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// same compares a generated file with what is there, or writes it.
func same(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, string(file(t, name))); diff != "" {
		t.Errorf("%s is stale; run make reference (-want +got):\n%s", filepath.Base(name), diff)
	}
}

// anchor is the name of a word in links: listen-ui, clients-redirect_uris.
func anchor(path string) string { return strings.NewReplacer("[]", "", ".", "-").Replace(path) }

func section(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return strings.TrimSuffix(first, "[]")
}

// contents lists sections, each with links to its words.
func (p pageOf) contents() string {
	var out strings.Builder
	between := ""
	for _, w := range p.words {
		top := section(w.Path)
		if top == w.Path {
			first, _, _ := strings.Cut(p.sentence(w).text, ". ")
			fmt.Fprintf(&out, "\n- [`%s`](#%s)%s.", w.Path, anchor(w.Path), strings.TrimSuffix(strings.TrimPrefix(first, "`"+w.Path+"`"), "."))
			between = " Words: "
		} else if !w.Section {
			fmt.Fprintf(&out, "%s[%s](#%s)", between, strings.TrimLeft(strings.TrimPrefix(w.Path, top), "[]."), anchor(w.Path))
			between = ", "
		}
	}
	return strings.TrimPrefix(out.String(), "\n")
}

// sentence is what the comment of a word says, as Markdown, with the word in place of the field's name.
func (p pageOf) sentence(w config.Word) explained {
	out := p.about[w.Comment]
	_, field, _ := strings.Cut(w.Comment, ".")
	out.text = p.begin(w, out.text, field)
	return out
}

func (p pageOf) begin(w config.Word, text, name string) string {
	if rest, ok := strings.CutPrefix(text, name+" "); ok {
		return "`" + w.Path[strings.LastIndexByte(w.Path, '.')+1:] + "` " + p.marked(rest)
	}
	return p.marked(text)
}

// marked sets addresses as code, and makes links of the words, commands and pages that a comment names.
func (p pageOf) marked(text string) string {
	fields := strings.Fields(text)
	for i, f := range fields {
		bare := strings.Trim(f, `,.;:()`)
		switch name, isPage := strings.CutPrefix(bare, "docs/"); {
		case isPage && strings.HasSuffix(name, ".md"):
			fields[i] = strings.Replace(f, bare, "["+name+"]("+name+")", 1)
		case p.known[bare] && strings.Contains(bare, "."):
			fields[i] = strings.Replace(f, bare, "[`"+bare+"`](#"+anchor(bare)+")", 1)
		case strings.Contains(bare, "://"), strings.Contains(bare, "*"), strings.Contains(bare, "_"):
			fields[i] = strings.Replace(f, bare, "`"+bare+"`", 1)
		}
	}
	return strings.Join(fields, " ")
}

func (p pageOf) all(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, w := range p.words {
		level := "###"
		if section(w.Path) == w.Path {
			level = "##"
		}
		text := p.sentence(w)
		if text.text == "" {
			t.Errorf("%s: got no comment at its field", w.Path)
		}
		if inside := p.about[w.Inside]; w.Inside != "" && level == "##" {
			more := p.begin(w, inside.text, w.Inside)
			if strings.HasPrefix(more, strings.TrimSuffix(text.text, ".")) {
				text.text = more
			} else {
				text.text += "\n\n" + more
			}
			text.example += inside.example
		}
		fmt.Fprintf(&out, "\n<a id=%q></a>\n\n%s `%s`\n\n%s\n", anchor(w.Path), level, w.Path, text.text)
		if text.example != "" {
			fmt.Fprintf(&out, "\n```yaml\n%s```\n", text.example)
		}
		if !w.Section {
			p.facts(t, &out, w)
		}
	}
	return out.String()
}

func (p pageOf) facts(t *testing.T, out *strings.Builder, w config.Word) {
	t.Helper()
	fmt.Fprintf(out, "\n- Type: %s", w.Type)
	if len(w.Values) > 0 {
		fmt.Fprintf(out, ", one of `%s`", strings.Join(w.Values, "`, `"))
	}
	switch {
	case w.Development != w.Production:
		fmt.Fprintf(out, "\n- Default: %s in production, %s in development", code(w.Production), code(w.Development))
	case w.Production != "":
		fmt.Fprintf(out, "\n- Default: %s", code(w.Production))
	}
	if w.Variable != "" {
		fmt.Fprintf(out, "\n- Variable: `%s`", w.Variable)
	}
	list, _, _ := strings.Cut(w.Path, "[]")
	how, ok := p.reload[list]
	switch {
	case !ok:
		t.Errorf("%s is not in testdata/reload.json; run make reference", list)
	case w.NotYet:
		out.WriteString("\n- Not implemented yet: leave it out. Set to anything but its default it is refused.")
	case strings.HasPrefix(w.Path, "tls."):
		// Listeners keep the files they were opened with (internal/stack/reload.go).
		out.WriteString("\n- Changed: another content of the file is in force within 30 seconds, another file at a restart")
	case how.Kind == "in place":
		out.WriteString("\n- Changed: in force at a reload, in place")
	case how.Kind == "engines":
		out.WriteString("\n- Changed: in force at a reload, by a second pair of engines")
	default:
		fmt.Fprintf(out, "\n- Changed: in force at a restart (%s)", how.Because)
	}
	out.WriteString("\n")
}

func code(text string) string {
	if text == "" {
		return "none"
	}
	return "`" + text + "`"
}

// owned is the table of the keys that the verbatim blocks may not have.
func (p pageOf) owned() string {
	var out strings.Builder
	out.WriteString("| Refused in the block | Write instead |\n| --- | --- |\n")
	for _, o := range config.OwnedKeys() {
		word := "`" + o.Word + "`"
		if p.known[strings.TrimSuffix(o.Word, ".*")] {
			word = fmt.Sprintf("[`%s`](#%s)", o.Word, anchor(strings.TrimSuffix(o.Word, ".*")))
		}
		fmt.Fprintf(&out, "| `%s.%s` | %s |\n", o.Engine, o.Key, word)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// coming lists what is refused for now.
func (p pageOf) coming() string {
	var out []string
	for _, w := range p.words {
		if w.NotYet && !w.Section {
			out = append(out, fmt.Sprintf("[`%s`](#%s)", w.Path, anchor(w.Path)))
		}
	}
	return strings.Join(out, ", ")
}
