package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

func (a *app) reload() *cobra.Command {
	dataDir := ""
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Make the identityd that runs here read its configuration again",
		Long: `Ask the identityd that serves from this data_dir to read stack.yaml and the files it names at once,
wait until it has, and say which words are in force now and which wait for a restart. It looks by itself
every few seconds, and at once on SIGHUP; this is for who wants to know what came of it. No request fails
meanwhile. A file that cannot be used changes nothing: exit code 1, with what is wrong.`,
		Example: "  identityd reload --config stack.yaml\n  identityd reload --data-dir /data --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	registerDataDir(cmd, &dataDir)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := a.runningAnyhow(dataDir)
		if err != nil {
			return err
		}
		var r stack.ReloadStatus
		if err := c.Call(cmd.Context(), http.MethodPost, "/reload", nil, &r); err != nil {
			return err
		}
		if r.Error != "" && !*asJSON {
			return fmt.Errorf("reading the configuration: %s; the one before stays in force", r.Error)
		}
		if err := a.show(*asJSON, r, func(w io.Writer) { printReload(w, r) }); err != nil {
			return err
		}
		if r.Error != "" {
			return errors.New("reading the configuration: it cannot be used, and the one before stays in force")
		}
		return nil
	}
	return cmd
}

// runningAnyhow is running for a file that may be broken: what can be read of it says which folder is meant.
func (a *app) runningAnyhow(dataDir string) (*control.Client, error) {
	if dataDir == "" {
		opts, err := a.options()
		if err != nil {
			return nil, err
		}
		cfg, problems := config.Inspect(opts)
		if dataDir = cfg.DataDir; dataDir == "" {
			return nil, fmt.Errorf("reading the configuration: %w; the one before stays in force", errors.New(problems.Error()))
		}
	}
	return control.Dial(dataDir)
}

func printReload(w io.Writer, r stack.ReloadStatus) {
	for _, word := range r.Applied {
		kind, _ := stack.ReloadOf(word)
		fmt.Fprintf(w, "in force: %s (%s)\n", word, kind)
	}
	printWaiting(w, &r)
	switch {
	case len(r.Applied)+len(r.Waiting) > 0:
	case r.Before == nil:
		fmt.Fprintln(w, "nothing has changed")
	default:
		for _, word := range r.Before.Applied {
			kind, _ := stack.ReloadOf(word)
			fmt.Fprintf(w, "in force: %s (%s), since %s\n", word, kind, r.Before.At.Format(time.RFC3339))
		}
		fmt.Fprintln(w, "nothing has changed since")
	}
}

func printWaiting(w io.Writer, r *stack.ReloadStatus) {
	for _, one := range r.Waiting {
		fmt.Fprintf(w, "waits for a restart: %s (%s)\n", one.Key, one.Reason)
	}
}
