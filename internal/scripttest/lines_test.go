package scripttest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/identityd/internal/cli"
)

// line is a command line of identityd, without its name.
type line struct {
	args []string
	// ends is the exit code that a script wants.
	ends string
}

// command finds what a line calls, and refuses flags and arguments that it does not have.
func (l line) command() (*cobra.Command, error) {
	cmd, rest, err := cli.Commands().Find(l.args)
	if err != nil {
		return nil, err
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		return nil, fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	return cmd, cmd.ValidateRequiredFlags()
}

// flags are those that a line sets, by their long names.
func (l line) flags(cmd *cobra.Command) []string {
	var out []string
	cmd.Flags().Visit(func(f *pflag.Flag) { out = append(out, f.Name) })
	return out
}

// scripted returns the lines of all scripts.
func scripted(t *testing.T) []line {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d scripts and %v, want some", len(names), err)
	}
	var out []line
	for _, name := range names {
		script, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range script.Files {
			if !strings.HasSuffix(f.Name, ".sh") {
				continue
			}
			for _, l := range written(string(f.Data)) {
				out = append(out, line{args: l.args, ends: "0"})
			}
		}
		for text := range strings.Lines(string(script.Comment)) {
			words := shellWords(strings.TrimSpace(text))
			for len(words) > 0 && (words[0] == "!" || strings.HasPrefix(words[0], "[")) {
				words = words[1:]
			}
			l := line{ends: "0"}
			switch {
			case len(words) == 0:
				continue
			case words[0] == "serve":
				words = slices.DeleteFunc(words, func(w string) bool { return assignment.MatchString(w) })
				l.args = append([]string{"serve"}, after(words[1:], "-as", "-until")...)
			case words[0] == "exec" && len(words) > 1 && words[1] == "identityd":
				l.args = words[2:]
			case words[0] == "exits" && len(words) > 2 && words[2] == "identityd":
				l.args, l.ends = words[3:], words[1]
			default:
				continue
			}
			out = append(out, l)
		}
	}
	return out
}

// after leaves out the options of a script's own command, each with its value.
func after(words []string, options ...string) []string {
	for len(words) > 1 && slices.Contains(options, words[0]) {
		words = words[2:]
	}
	return words
}

// shellWords splits a line as a shell does, as far as the first command of it goes: quotes, comments, and
// what ends a command.
func shellWords(text string) []string {
	var (
		words []string
		word  strings.Builder
		begun bool
		quote rune
	)
	flush := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n':
			flush()
		case r == '#' && !begun, r == '|', r == '>', r == '<', r == ';', r == '&', r == '`':
			flush()
			return words
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	flush()
	return words
}

var (
	startsWithName = regexp.MustCompile(`^(\./)?(bin/)?identityd$`)
	continued      = regexp.MustCompile(`\\\n\s*`)
)

// written returns the lines of identityd in a text: each that begins with its name, after what sets the
// environment, also behind && and |.
func written(text string) []line {
	var out []line
	for _, row := range strings.Split(continued.ReplaceAllString(text, " "), "\n") {
		for _, part := range regexp.MustCompile(`&&|\|\||\| `).Split(row, -1) {
			words := shellWords(strings.TrimPrefix(strings.TrimSpace(part), "$ "))
			for len(words) > 0 && assignment.MatchString(words[0]) {
				words = words[1:]
			}
			if len(words) > 0 && startsWithName.MatchString(words[0]) {
				out = append(out, line{args: words[1:]})
			}
		}
	}
	return out
}

func document(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
