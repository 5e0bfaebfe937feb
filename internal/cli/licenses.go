package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/licenses"
)

func (a *app) licenses() *cobra.Command {
	var list bool
	cmd := &cobra.Command{
		Use:   "licenses",
		Short: "Print the licenses of what is inside",
		Long: `Print the licenses of everything that this program is made of: a line for each module, then every text
whole. With --list the lines alone: module and version | license (SPDX) | numbers of its texts.`,
		Example: "  identityd licenses --list\n  identityd licenses > licenses.txt",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "print the lines alone, without the texts")
	cmd.RunE = func(*cobra.Command, []string) error {
		return a.show(*asJSON, map[string]any{"modules": licenses.Modules()}, func(w io.Writer) {
			text := licenses.Text()
			if list {
				text = licenses.List()
			}
			fmt.Fprint(w, text)
		})
	}
	return cmd
}
