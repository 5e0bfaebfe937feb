package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestValuesAreCompleted(t *testing.T) {
	for line, want := range map[string][]string{
		"config init --profile":  {"development", "production"},
		"bootstrap --passwords":  {"keep", "set", "rotate"},
		"secrets rotate --stage": {"add", "promote", "drop"},
		"secrets rotate --kind":  {"system", "cookie", "cipher"},
		"audit export --format":  {"jsonl", "csv"},
		"audit tail --kind":      {"LoginFailed", "AdminChange"},
		"admin token me --scope": {"read", "clients", "identities", "all"},
		"demo --log-level":       {"debug", "warn"},
		"serve --set":            {"listen.ui=", "logging.level="},
		"completion":             {"bash", "zsh", "fish", "powershell"},
		"help config":            {"check", "init"},
		"help":                   {"serve"},
	} {
		t.Run(line, func(t *testing.T) {
			code, stdout, stderr := outcome(append(append([]string{"__complete"}, strings.Fields(line)...), "")...)
			if code != 0 {
				t.Fatalf("got exit code %d: %s", code, stderr)
			}
			var got []string
			for _, l := range strings.Split(stdout, "\n") {
				name, _, _ := strings.Cut(l, "\t")
				got = append(got, name)
			}
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("got %q, want %s in it", got, w)
				}
			}
		})
	}
}

// TestEveryFlagNamesWhatItTakes: without a name help shows the type of Go, such as stringArray.
func TestEveryFlagNamesWhatItTakes(t *testing.T) {
	for _, cmd := range visible(Commands()) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			switch name, usage := pflag.UnquoteUsage(f); {
			case slices.Contains([]string{"string", "strings", "stringArray", "stringToString", "int", "value"}, name):
				t.Errorf("%s --%s: its help calls what it takes %s; write a name in backticks into %q", cmd.CommandPath(), f.Name, name, usage)
			case usage == "" || strings.HasSuffix(usage, "."):
				t.Errorf("%s --%s: got %q, want words without a period", cmd.CommandPath(), f.Name, usage)
			case f.Name != "help" && f.Name != "version" && f.Name != "set" && strings.ToLower(usage[:2]) != usage[:2] && strings.ToUpper(usage[:2]) != usage[:2]:
				t.Errorf("%s --%s: got %q, want it to begin in lower case", cmd.CommandPath(), f.Name, usage)
			}
		})
	}
}

func TestAManualPageIsRoff(t *testing.T) {
	if got, want := roff("a-b \\ c\n.TH\n'x"), "a\\-b \\e c\n\\&.TH\n\\&'x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	text := roffText("One.\n\n  key: value\n  other\n\nTwo.")
	if want := "One.\n.PP\n.nf\n  key: value\n  other\n.fi\n.PP\nTwo.\n"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}
