package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

// helpCommand is in place of cobra's own, which calls a command that does not exist a success.
func helpCommand() *cobra.Command {
	find := func(cmd *cobra.Command, args []string) (*cobra.Command, error) {
		found, rest, err := cmd.Root().Find(args)
		if err != nil {
			return nil, &usageError{err}
		}
		if len(rest) > 0 {
			return nil, knownCommand(found, rest)
		}
		return found, nil
	}
	return &cobra.Command{
		Use:     "help [COMMAND...]",
		Short:   "Show the help of a command",
		Example: "  identityd help\n  identityd help config check",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if found, err := find(cmd, args); err == nil {
				for _, child := range found.Commands() {
					if child.IsAvailableCommand() {
						names = append(names, child.Name()+"\t"+child.Short)
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := find(cmd, args)
			if err != nil {
				return err
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// arrange puts the commands into the sections of the help; what has none is listed last.
func arrange(root *cobra.Command) *cobra.Command {
	root.SetHelpCommand(helpCommand())
	root.InitDefaultHelpCmd()
	for _, s := range []struct {
		id, title string
		names     []string
	}{
		{"run", "Running:", []string{"serve", "demo", "status", "health", "reload", "doctor"}},
		{"everyday", "Everyday work:", []string{"client", "identity", "schema", "key", "token", "mail", "throttle", "hooks"}},
		{"wrong", "When something went wrong:", []string{"why", "incident", "audit"}},
		{"config", "Configuration:", []string{"config", "plan", "apply", "origin", "secrets", "admin"}},
		{"data", "Databases:", []string{"migrate", "bootstrap", "database", "backup", "restore", "janitor", "regions", "eject"}},
		{"about", "About identityd:", []string{"help", "version", "licenses", "completion", "man"}},
	} {
		root.AddGroup(&cobra.Group{ID: s.id, Title: s.title})
		for _, cmd := range root.Commands() {
			if slices.Contains(s.names, cmd.Name()) {
				cmd.GroupID = s.id
			}
		}
	}
	return root
}
