package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/licenses"
)

func (a *app) licenses() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use: "licenses", Short: "Print the licenses of what is inside", Args: exactArgs(cobra.NoArgs),
		Long: `Print the licenses of everything that this program is made of: a line for each module, then every text
whole. With --list the lines alone: module and version | license (SPDX) | numbers of its texts.`,
		RunE: func(*cobra.Command, []string) error {
			text := licenses.Text()
			if list {
				text = licenses.List()
			}
			if _, err := fmt.Fprint(a.stdout, text); err != nil {
				return fmt.Errorf("printing licenses: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "print the lines only, without the texts")
	return cmd
}
