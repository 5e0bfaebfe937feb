package cli

import "github.com/spf13/cobra"

// values lets a shell complete what a flag takes.
func values(cmd *cobra.Command, flag string, list ...string) {
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
	_ = cmd.RegisterFlagCompletionFunc(flag, complete) // fails for a flag that is not there, which TestValuesAreCompleted finds
}
