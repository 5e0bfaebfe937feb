package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

func (a *app) config() *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Work with the configuration", Args: knownCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(a.configCheck(), a.configShow(), a.configInit())
	return cmd
}

func (a *app) configCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Say everything that is wrong with the configuration",
		Example: "  identityd config check --config stack.yaml",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			a.warn(cfg)
			if err := stack.Check(cmd.Context(), cfg); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s: ok (profile %s, database %s)\n",
				source(cfg), cfg.Profile, cfg.Database.Dialect())
			return nil
		},
	}
	a.flags.register(cmd)
	return cmd
}

func source(cfg config.Config) string {
	if cfg.Source == "" {
		return "no file"
	}
	return cfg.Source
}

func (a *app) warn(cfg config.Config) {
	for _, w := range cfg.Warnings {
		fmt.Fprintf(a.stderr, "warning: %s: %s\n", w.Path, w.Message)
	}
}
