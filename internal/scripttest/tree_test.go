package scripttest

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/cli"
)

// withoutJSON are the commands that print no result a program could read, or that print nothing else.
func withoutJSON() map[string]string {
	return map[string]string{
		"identityd serve":         "it runs until it is stopped; status has the JSON",
		"identityd demo":          "it runs until it is stopped",
		"identityd help":          "help is for people",
		"identityd completion":    "the script of a shell",
		"identityd audit export":  "--format says what it prints, JSON lines unless told otherwise",
		"identityd config schema": "it is JSON",
	}
}

// notRunToTheEnd are the commands that no script can see succeed.
func notRunToTheEnd() map[string]string {
	return map[string]string{
		"identityd demo":           "it runs until it is stopped, which internal/demo does",
		"identityd migrate repair": "a database that needs it is made in internal/stacktest",
		"identityd regions apply":  "there is no CockroachDB here; internal/crdbtest runs it on one",
		"identityd regions plan":   "there is no CockroachDB here; internal/crdbtest runs it on one",
		"identityd regions status": "there is no CockroachDB here; internal/crdbtest runs it on one",
	}
}

// every calls visit with every command that is shown, as a subtest of its path.
func every(t *testing.T, visit func(*testing.T, *cobra.Command)) {
	t.Helper()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		t.Run(strings.TrimPrefix(cmd.CommandPath(), "identityd "), func(t *testing.T) { visit(t, cmd) })
		for _, child := range cmd.Commands() {
			if child.IsAvailableCommand() || child.Name() == "help" {
				walk(child)
			}
		}
	}
	walk(cli.Commands())
}

func TestEveryCommandSpeaksWithOneVoice(t *testing.T) {
	every(t, func(t *testing.T, cmd *cobra.Command) {
		switch short := cmd.Short; {
		case short == "" || len(short) > 70 || strings.HasSuffix(short, "."):
			t.Errorf("Short: got %q (%d columns), want a sentence of at most 70 without a period", short, len(short))
		case !unicode.IsUpper([]rune(short)[0]):
			t.Errorf("Short: got %q, want it to begin with a capital", short)
		case cmd.HasParent() && !imperative(short):
			t.Errorf("Short: got %q, want it to begin with a verb as in a command", short)
		}
		for row := range strings.Lines(cmd.Long) {
			if n := len([]rune(strings.TrimRight(row, "\n"))); n > 110 {
				t.Errorf("Long: a line has %d columns, want at most 110: %s", n, row)
			}
		}
		if cmd.Long != "" && cmd.HasParent() && strings.HasSuffix(cmd.Long, "\n") {
			t.Errorf("Long: it ends with an empty line")
		}
		for _, reserved := range []string{"config", "set", "json", "yes", "dry-run", "output"} {
			if f := cmd.Flags().Lookup(reserved); f != nil && f.Usage == "" {
				t.Errorf("--%s says nothing", reserved)
			}
		}
		if f := cmd.Flags().Lookup("json"); f != nil && f.Usage != "print JSON" {
			t.Errorf(`--json: got %q, want "print JSON" (jsonFlag)`, f.Usage)
		}
		_, excused := withoutJSON()[cmd.CommandPath()]
		if !cli.IsGroup(cmd) && (cmd.Flags().Lookup("json") == nil) != excused {
			t.Errorf("--json: it has %v, want it unless the list above has a reason", cmd.Flags().Lookup("json"))
		}
	})
}

// TestAFlagSaysTheSameEverywhere is for those that many commands share.
func TestAFlagSaysTheSameEverywhere(t *testing.T) {
	shared := []string{
		"config", "set", "json", "yes", "dry-run", "data-dir", "token-file", "ca-file", "cert-file", "key-file", "page-size", "page-token", "profile",
	}
	said, by := map[string]string{}, map[string]string{}
	every(t, func(t *testing.T, cmd *cobra.Command) {
		if strings.HasPrefix(cmd.CommandPath(), "identityd incident ") {
			shared := slices.DeleteFunc(slices.Clone(shared), func(name string) bool { return name == "yes" }) // they say what they would do unless told otherwise
			sayTheSame(t, cmd, shared, said, by)
			return
		}
		sayTheSame(t, cmd, shared, said, by)
	})
}

func sayTheSame(t *testing.T, cmd *cobra.Command, shared []string, said, by map[string]string) {
	t.Helper()
	for _, name := range shared {
		f := cmd.Flags().Lookup(name)
		if f == nil {
			continue
		}
		usage, _, _ := strings.Cut(f.Usage, " (default: ")
		if said[name] == "" {
			said[name], by[name] = usage, cmd.CommandPath()
		}
		if usage != said[name] {
			t.Errorf("--%s: got %q, want %q as %s has it", name, usage, said[name], by[name])
		}
	}
}

// imperative tells what cannot be one: an article, a pronoun, a third person, a gerund.
func imperative(short string) bool {
	first, _, _ := strings.Cut(strings.ToLower(short), " ")
	switch first {
	case "a", "an", "the", "who", "what", "this", "which", "how", "everything":
		return false
	case "bring":
		return true
	}
	return !strings.HasSuffix(first, "ing") && (!strings.HasSuffix(first, "s") || strings.HasSuffix(first, "ss"))
}

func TestEveryExampleIsAllowedByTheTree(t *testing.T) {
	every(t, func(t *testing.T, cmd *cobra.Command) {
		if cli.IsGroup(cmd) {
			return
		}
		lines := written(cmd.Example)
		if len(lines) == 0 {
			t.Error("got no example, want one that begins with identityd")
		}
		own := false
		for _, l := range lines {
			called, err := l.command()
			if err != nil {
				t.Errorf("identityd %s: %v", strings.Join(l.args, " "), err)
				continue
			}
			own = own || called.CommandPath() == cmd.CommandPath()
		}
		if len(lines) > 0 && !own {
			t.Errorf("no example is of %s itself:\n%s", cmd.CommandPath(), cmd.Example)
		}
		for row := range strings.Lines(cmd.Example) {
			if !strings.HasPrefix(row, "  ") {
				t.Errorf("an example is not indented by two: %q", row)
			}
		}
	})
}

func TestEveryCommandIsRunByAScript(t *testing.T) {
	ran, printed, done := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, l := range scripted(t) {
		cmd, err := l.command()
		if err != nil {
			continue // scripts make mistakes on purpose
		}
		if cmd.Flags().Changed("help") {
			continue
		}
		path := cmd.CommandPath()
		ran[path] = true
		done[path] = done[path] || l.ends == "0"
		printed[path] = printed[path] || cmd.Flags().Changed("json")
	}
	every(t, func(t *testing.T, cmd *cobra.Command) {
		path := cmd.CommandPath()
		if cli.IsGroup(cmd) && !cmd.HasParent() {
			return
		}
		_, excused := notRunToTheEnd()[path]
		switch {
		case cli.IsGroup(cmd):
		case !ran[path]:
			t.Error("no script runs it; see doc.go")
		case !done[path] && !excused:
			t.Error("no script runs it to a good end")
		case done[path] && excused:
			t.Error("a script runs it to a good end: it needs no excuse")
		case cmd.Flags().Lookup("json") != nil && !printed[path] && !excused:
			t.Error("no script runs it with --json")
		}
	})
}
