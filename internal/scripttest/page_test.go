package scripttest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"example.com/identityd/internal/cli"
	"example.com/identityd/internal/doctest"
)

// TestThePageOfCommandsIsCurrent is the golden of every help at once: docs/commands.md.
func TestThePageOfCommandsIsCurrent(t *testing.T) {
	const name = "../../docs/commands.md"
	want := page(cli.Commands())
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, document(t, "docs/commands.md")); diff != "" {
		t.Errorf("docs/commands.md differs from the tree; run make commands and read the difference (-tree +page):\n%s", diff)
	}
}

func page(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the program by `make commands`; `identityd help COMMAND` shows the same, `identityd man FOLDER` writes it as manual pages.\n")
	for _, section := range root.Groups() {
		fmt.Fprintf(&b, "\n%s\n\n", section.Title)
		for _, cmd := range root.Commands() {
			if cmd.GroupID == section.ID && (cmd.IsAvailableCommand() || cmd.Name() == "help") {
				path := cmd.CommandPath()
				fmt.Fprintf(&b, "- [%s](#%s): %s\n", path, strings.ReplaceAll(path, " ", "-"), cmd.Short)
			}
		}
	}
	var describe func(*cobra.Command)
	describe = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd.Name() != "help" {
			return
		}
		fmt.Fprintf(&b, "\n%s %s\n\n%s.\n", "##", cmd.CommandPath(), cmd.Short)
		if cmd.Long != "" {
			fmt.Fprintf(&b, "\n```text\n%s\n```\n", cmd.Long)
		}
		if !cli.IsGroup(cmd) {
			example := strings.TrimRight(undent(cmd.Example), "\n")
			fmt.Fprintf(&b, "\n%s```sh\n%s\n```\n", notRun(example), example)
			cmd.InitDefaultHelpFlag()
			flags := strings.TrimRight(cmd.LocalFlags().FlagUsagesWrapped(110), "\n")
			fmt.Fprintf(&b, "\n```text\n%s\n\n%s\n```\n", cmd.UseLine(), flags)
		}
		for _, child := range cmd.Commands() {
			describe(child)
		}
	}
	for _, cmd := range root.Commands() {
		describe(cmd)
	}
	return b.String()
}

// notRun is the comment on an example that has programs of others in it (CONTRIBUTING.md, Documents).
func notRun(example string) string {
	why := map[string]string{
		"docker":  "there is no engine of Docker in the tests",
		"kubectl": "it needs a cluster",
		"man":     "it ends in a pager; TestAManualPageIsRoff reads a page",
	}
	for _, program := range (doctest.Block{Text: example}).Commands() {
		if why[program] != "" {
			return "<!-- not run here: " + why[program] + " -->\n"
		}
	}
	return ""
}

func undent(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "  "), "\n  ", "\n")
}
