package cli

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

func (a *app) status() *cobra.Command {
	dataDir := ""
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what the identityd that runs here is doing",
		Long: `Ask the identityd that serves from this data_dir, through its control socket: version, uptime,
readiness, listeners. It works on the machine or in the container where identityd runs, for the user it
runs as and for root, and needs no token. Exit code 1 when none runs.`,
		Example: "  identityd status --config stack.yaml\n  identityd status --data-dir /data --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	registerDataDir(cmd, &dataDir)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := a.running(dataDir)
		if err != nil {
			return err
		}
		var s stack.ProcessStatus
		if err := c.Call(cmd.Context(), http.MethodGet, "/status", nil, &s); err != nil {
			return err
		}
		return a.show(*asJSON, s, func(w io.Writer) { printStatus(w, s, time.Now()) })
	}
	return cmd
}

// registerDataDir is for commands that ask a running identityd and read nothing else of the file, which
// may be broken just then.
func registerDataDir(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "data-dir", "", "the `folder` it serves from, in place of a configuration")
}

// running returns the door to the identityd that serves from dataDir, or from the configuration's.
func (a *app) running(dataDir string) (*control.Client, error) {
	if dataDir == "" {
		cfg, err := a.load()
		if err != nil {
			return nil, err
		}
		dataDir = cfg.DataDir
	}
	return control.Dial(dataDir)
}

func printStatus(out io.Writer, s stack.ProcessStatus, now time.Time) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	line("version", s.Version)
	line("process", fmt.Sprintf("%d, for %s", s.PID, now.Sub(s.Began).Round(time.Second)))
	line("profile", s.Profile)
	line("region", s.Region)
	line("config", s.Source)
	if s.Ready {
		line("ready", "yes")
	} else {
		for i, check := range slices.Sorted(maps.Keys(s.Missing)) {
			name := ""
			if i == 0 {
				name = "ready"
			}
			fmt.Fprintf(w, "%s\tno: %s: %s\n", name, check, s.Missing[check])
		}
	}
	if r := s.Reload; r != nil {
		if r.Error != "" {
			line("reload", r.At.Format(time.RFC3339)+": refused: "+r.Error)
		}
		for _, one := range r.Waiting {
			line("restart", one.Key+" ("+one.Reason+")")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.URLs)) {
		line("url "+name, s.URLs[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.Listeners)) {
		line("listen "+name, s.Listeners[name])
	}
	w.Flush() //nolint:errcheck // as for any print
}
