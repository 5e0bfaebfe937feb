package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/licenses"
	"example.com/identityd/internal/upstream"
)

// versions is what version prints for programs.
type versions struct {
	Version string `json:"version"`
	// Commit and CommitDate are empty in a build that was not told.
	Commit     string           `json:"commit"`
	CommitDate string           `json:"commit_date"`
	Hydra      string           `json:"hydra"`
	Kratos     string           `json:"kratos"`
	Go         string           `json:"go"`
	Platform   string           `json:"platform"`
	Engines    *enginesAndFixes `json:"upstream,omitempty"`
}

// enginesAndFixes is what --engines adds.
type enginesAndFixes struct {
	upstream.Facts
	NotLinked []string `json:"not_linked"`
}

func (a *app) version() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long: `Print the version, one word on one line; with --json also the commit, those of both engines and of Go,
and the platform.

--engines lists the exact commits of Hydra, Kratos and what they stand on, and what became of each fix that
upstream made after them: carried here, not carried, or without meaning for these versions.`,
		Example: "  identityd version\n  identityd version --json\n  identityd version --engines",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	engines := cmd.Flags().Bool("engines", false, "list the commits of the engines and the fixes after them")
	cmd.RunE = func(*cobra.Command, []string) error {
		v := versions{
			Version: version, Commit: commit, CommitDate: commitDate, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		}
		for _, m := range licenses.Modules() {
			switch m.Path {
			case "github.com/ory/hydra/v2":
				v.Hydra = m.Version
			case "github.com/ory/kratos":
				v.Kratos = m.Version
			}
		}
		if !*engines {
			return a.show(*asJSON, v, func(w io.Writer) { fmt.Fprintln(w, v.Version) })
		}
		facts, err := upstream.Known()
		if err != nil {
			return err
		}
		if info, ok := debug.ReadBuildInfo(); ok {
			facts.Engines = upstream.Linked(facts.Engines, info)
		}
		v.Engines = &enginesAndFixes{Facts: facts, NotLinked: []string{"Keto", "Oathkeeper"}}
		return a.show(*asJSON, v, func(w io.Writer) { printEngines(w, v) })
	}
	return cmd
}
