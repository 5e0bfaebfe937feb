package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/stack"
)

func (a *app) origin() *cobra.Command {
	return group("origin", "Change what this installation is to the outside", `The database remembers the address that tokens, passkeys and pairwise subjects were made under, and a file
that disagrees is not served in production.`, a.originChange())
}

func (a *app) originChange() *cobra.Command {
	var accept bool
	cmd := &cobra.Command{
		Use:   "change",
		Short: "See what a changed address would break, and accept it",
		Long: `The database knows the issuer, the domain of passkeys, the salt of pairwise subjects and the profile of
its installation. A file that disagrees is not served in production.

Run this with the new file: it says what would change and whom that meets. With --accept the
installation is what the file says from then on; processes that still run with the old file go on.`,
		Example: "  identityd origin change --config stack.yaml\n  identityd origin change --config stack.yaml --accept",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&accept, "accept", false, "make the installation what the file says")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		c, err := stack.ChangeOrigin(cmd.Context(), o.cfg, o.opts, accept)
		if err != nil {
			return err
		}
		return a.show(*asJSON, c, func(w io.Writer) { printOrigin(w, c) })
	}
	return cmd
}

func printOrigin(w io.Writer, c stack.OriginChange) {
	fmt.Fprintf(w, "installation %s, made on %s by identityd %s\n",
		c.Installation.ID, c.Installation.Made.Format(time.DateOnly), c.Installation.MadeBy)
	for _, line := range c.Consequences {
		fmt.Fprintf(w, "  %s\n", line)
	}
	switch {
	case len(c.Differences) == 0:
		fmt.Fprintln(w, "the file agrees with it")
	case c.Accepted:
		fmt.Fprintln(w, "accepted: the installation is what the file says now")
	default:
		fmt.Fprintln(w, "nothing was changed; accept it with --accept")
	}
}
