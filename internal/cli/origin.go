package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/stack"
)

func (a *app) origin() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "origin",
		Short: "What this installation is to the outside",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.originChange())
	return cmd
}

func (a *app) originChange() *cobra.Command {
	var accept, asJSON bool
	cmd := &cobra.Command{
		Use:   "change",
		Short: "See what a changed address would break, and accept it",
		Long: `The database knows the issuer, the domain of passkeys, the salt of pairwise subjects and the profile of
its installation. A file that disagrees is not served in production.

Run this with the new file: it says what would change and whom that meets. With --accept the
installation is what the file says from then on; processes that still run with the old file go on.`,
		Example: "  identityd origin change --config stack.yaml\n  identityd origin change --config stack.yaml --accept",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			log, err := a.logger(cfg.Logging)
			if err != nil {
				return err
			}
			c, err := stack.ChangeOrigin(cmd.Context(), cfg, stack.Options{Log: log, Version: version}, accept)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, c)
			}
			fmt.Fprintf(a.stdout, "installation %s, made on %s by identityd %s\n",
				c.Installation.ID, c.Installation.Made.Format(time.DateOnly), c.Installation.MadeBy)
			for _, line := range c.Consequences {
				fmt.Fprintf(a.stdout, "  %s\n", line)
			}
			switch {
			case len(c.Differences) == 0:
				fmt.Fprintln(a.stdout, "the file agrees with it")
			case c.Accepted:
				fmt.Fprintln(a.stdout, "accepted: the installation is what the file says now")
			default:
				fmt.Fprintln(a.stdout, "nothing was changed; accept it with --accept")
			}
			return nil
		},
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&accept, "accept", false, "make the installation what the file says")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
