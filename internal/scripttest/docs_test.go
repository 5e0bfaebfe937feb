package scripttest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/doctest"
)

var inlineCode = regexp.MustCompile("`(identityd [a-z][^`]*)`")

// TestEveryCommandLineInADocumentIsKnown holds what README.md and docs/*.md show against the tree: whole
// lines with their flags and arguments, and what is named in a sentence.
func TestEveryCommandLineInADocumentIsKnown(t *testing.T) {
	ran := map[string]bool{}
	for _, l := range scripted(t) {
		if cmd, err := l.command(); err == nil {
			ran[cmd.CommandPath()] = true
			for _, f := range l.flags(cmd) {
				ran[cmd.CommandPath()+" --"+f] = true
			}
		}
	}
	unrun := notScripted()
	used := map[string]bool{}
	check := func(t *testing.T, l line) {
		t.Helper()
		text := "identityd " + strings.Join(l.args, " ")
		cmd, err := l.command()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		for _, f := range l.flags(cmd) {
			name := cmd.CommandPath() + " --" + f
			if f == "config" || f == "set" {
				continue // one registration for all of them, which many scripts run
			}
			if !ran[name] && unrun[name] == "" {
				t.Errorf("%s: no script runs %s; what is shown has to be run", text, name)
			}
			if !ran[name] {
				used[name] = true
			}
		}
	}
	for _, name := range documents(t) {
		t.Run(name, func(t *testing.T) {
			text := document(t, name)
			blocks, err := doctest.Parse(name, text)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range blocks {
				if b.Language != "sh" {
					continue
				}
				for _, l := range written(b.Text) {
					check(t, l)
				}
			}
			for _, m := range inlineCode.FindAllStringSubmatch(text, -1) {
				checkNamed(t, m[1], check)
			}
		})
	}
	for name, why := range unrun {
		if !used[name] {
			t.Errorf("%s is excused (%s), but no document shows it unrun", name, why)
		}
	}
}

// checkNamed is for a command in a sentence, which may leave out its arguments or choose among verbs.
func checkNamed(t *testing.T, text string, check func(*testing.T, line)) {
	t.Helper()
	var args []string
	for _, word := range shellWords(text)[1:] {
		if strings.HasPrefix(word, "...") {
			break
		}
		args = append(args, word)
	}
	l := line{args: args}
	if _, err := l.command(); err != nil && (strings.Contains(err.Error(), "arg(s)") || strings.Contains(err.Error(), "required flag")) {
		return
	}
	check(t, l)
}

// notScripted are flags that documents show and no script can run, with the reason.
func notScripted() map[string]string {
	return map[string]string{}
}

func documents(t *testing.T) []string {
	t.Helper()
	out := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}
	err := fs.WalkDir(os.DirFS(filepath.Join("..", "..")), "docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".md") {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}
