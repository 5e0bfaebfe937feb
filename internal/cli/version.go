package cli

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/licenses"
)

// versions is what version prints for programs.
type versions struct {
	Version  string `json:"version"`
	Hydra    string `json:"hydra"`
	Kratos   string `json:"kratos"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) version() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Print the version, one word on one line; with --json also those of both engines and of Go, and the
platform.`,
		Example: "  identityd version\n  identityd version --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		v := versions{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
		for _, m := range licenses.Modules() {
			switch m.Path {
			case "github.com/ory/hydra/v2":
				v.Hydra = m.Version
			case "github.com/ory/kratos":
				v.Kratos = m.Version
			}
		}
		return a.show(*asJSON, v, func(w io.Writer) { fmt.Fprintln(w, v.Version) })
	}
	return cmd
}
