package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

func (a *app) config() *cobra.Command {
	return group("config", "Write, check and look at the configuration", `The configuration is one file, stack.yaml. Over it lie environment variables (listen.ui is
IDENTITYD_LISTEN_UI) and --set, the later wins.`,
		a.configInit(), a.configCheck(), a.configShow(), a.configDiff(), a.configSchema(), a.configImport())
}

func (a *app) configCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say everything that is wrong with the configuration",
		Long: `Read the configuration as serve does, ask both engines about what is theirs, and say everything that is
wrong at once, with the word, the value and the cure. Nothing is started and no database is opened.`,
		Example: "  identityd config check --config stack.yaml\n  identityd config check --set profile=production --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.load()
		if err == nil {
			err = stack.Check(cmd.Context(), cfg)
		}
		if *asJSON {
			return a.showChecked(cfg, err)
		}
		a.warn(cfg)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s: ok (profile %s, database %s)\n", source(cfg), cfg.Profile, cfg.Database.Dialect())
		return nil
	}
	return cmd
}

// checked is what config check prints for programs. Warnings are in it, not on stderr.
type checked struct {
	OK bool `json:"ok"`
	// Code is that of the catalog (docs/errors.md), empty where all is well.
	Code     string    `json:"code,omitempty"`
	Source   string    `json:"source,omitempty"`
	Profile  string    `json:"profile,omitempty"`
	Database string    `json:"database,omitempty"`
	Problems []problem `json:"problems"`
	Warnings []problem `json:"warnings"`
}

type problem struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// showChecked prints the verdict, and leaves the exit code to the error.
func (a *app) showChecked(cfg config.Config, err error) error {
	var found *config.Problems
	if err != nil && !errors.As(err, &found) {
		return err
	}
	c := checked{OK: err == nil, Source: cfg.Source, Problems: []problem{}, Warnings: problems(cfg.Warnings)}
	if found != nil {
		c.Code, c.Source, c.Problems = codeConfiguration, found.Source, problems(found.List)
	} else {
		c.Profile, c.Database = string(cfg.Profile), string(cfg.Database.Dialect())
	}
	return errors.Join(a.show(true, c, nil), err)
}

func problems(list []config.Problem) []problem {
	out := make([]problem, 0, len(list))
	for _, p := range list {
		out = append(out, problem{Path: p.Path, Message: p.Message})
	}
	return out
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
