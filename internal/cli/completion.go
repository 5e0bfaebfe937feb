package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
)

// shells are those that cobra writes scripts for.
func shells() []string { return []string{"bash", "fish", "powershell", "zsh"} }

// completion is in place of cobra's own, which is a group of four.
func (a *app) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `Print a script that lets a shell complete commands, flags and what some flags take. It asks identityd
itself, so that it need not be made anew with a new version.

bash wants the package bash-completion; zsh wants "autoload -U compinit; compinit" in ~/.zshrc.`,
		Example: "  identityd completion bash > /etc/bash_completion.d/identityd\n" +
			"  identityd completion zsh > /usr/local/share/zsh/site-functions/_identityd\n" +
			"  identityd completion fish > ~/.config/fish/completions/identityd.fish\n" +
			"  identityd completion powershell >> $PROFILE",
		Args:                  exactArgs(cobra.ExactArgs(1)),
		ValidArgs:             shells(),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return &usageError{fmt.Errorf("completion is for %s (got %q)", strings.Join(shells(), ", "), args[0])}
		},
	}
}

// completeWord completes what --set takes: a word of stack.yaml, with the value to follow.
func completeWord(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, word := range config.Vocabulary() {
		out = append(out, word+"=")
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// values lets a shell complete what a flag takes.
func values(cmd *cobra.Command, flag string, list ...string) {
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, complete) // fails for a flag that is not there, which TestValuesAreCompleted finds
}
