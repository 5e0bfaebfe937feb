package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) configShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the configuration that applies, without its secrets",
		Long: `Print every word with the value that applies and where it came from: default, file, the name of an
environment variable, flag, or the word that names the file of a secret.

Secrets are never printed: *** stands for one that is set. In the hydra and kratos blocks it stands
for everything that looks like a secret.`,
		Example: "  identityd config show --config stack.yaml\n  identityd config show --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		a.warn(cfg)
		if *asJSON {
			out, err := cfg.JSON()
			if err != nil {
				return err
			}
			return a.show(true, json.RawMessage(out), nil)
		}
		out, err := cfg.YAML()
		if err != nil {
			return err
		}
		return a.print(append([]byte("# "+source(cfg)+"\n"), out...))
	}
	return cmd
}

// print writes what a command was asked for; a pipe that is closed early is an error.
func (a *app) print(out []byte) error {
	if _, err := a.stdout.Write(out); err != nil {
		return fmt.Errorf("writing to stdout: %w", err)
	}
	return nil
}
