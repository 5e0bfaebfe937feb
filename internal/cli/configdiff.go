package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

// configDifference is a difference and how it comes into force.
type configDifference struct {
	config.Difference
	By      stack.ReloadKind `json:"comes_into_force"`
	Because string           `json:"because,omitempty"`
}

// configDifferences is what config diff prints for programs.
type configDifferences struct {
	From        string             `json:"from"`
	To          string             `json:"to"`
	Differences []configDifference `json:"differences"`
}

func (a *app) configDiff() *cobra.Command {
	dataDir := ""
	cmd := &cobra.Command{
		Use:   "diff FILE [OTHER]",
		Short: "Compare two files, or a file and what is in force",
		Long: `Say which words have another value in OTHER than in FILE; with one file, which would have another value
than in the identityd that runs here, if it were its file. Defaults, the environment of this shell and
--set count, so that what is written otherwise and means the same is no difference.

Of each it says how it comes into force: at once when the file is read again (in place), by a second pair
of engines that takes over (engines), or with a restart. Secrets are not shown; *** stands for them on
both sides where they differ.`,
		Example: "  identityd config diff stack.yaml\n  identityd config diff stack.yaml stack.new.yaml --json",
		Args:    exactArgs(cobra.RangeArgs(1, 2)),
	}
	cmd.Flags().StringArrayVar(&a.flags.set, "set", nil, "set a word of the file, `word=value`, as in --set listen.ui=:3001; repeatable")
	registerDataDir(cmd, &dataDir)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		salt := rand.Text()
		cfg, first, err := a.effective(args[0], salt)
		if err != nil {
			return err
		}
		var out configDifferences
		var before, after map[string]config.Effective
		if len(args) == 2 {
			_, second, err := a.effective(args[1], salt)
			if err != nil {
				return err
			}
			out.From, out.To, before, after = args[0], args[1], first, second
		} else {
			if dataDir == "" {
				dataDir = cfg.DataDir
			}
			now, err := inForce(cmd.Context(), dataDir, salt)
			if err != nil {
				return fmt.Errorf("%w; name a second file to compare two files", err)
			}
			out.From, out.To, before, after = "what is in force", args[0], now.Words, first
		}
		out.Differences = []configDifference{}
		for _, d := range config.Diff(before, after) {
			kind, because := stack.ReloadOf(d.Word)
			out.Differences = append(out.Differences, configDifference{d, kind, because})
		}
		return a.show(*asJSON, out, func(w io.Writer) { printDifferences(w, out) })
	}
	return cmd
}

func (a *app) effective(file, salt string) (config.Config, map[string]config.Effective, error) {
	cfg, err := a.loadWith(func(o *config.Options) { o.File = file })
	if err != nil {
		return cfg, nil, err
	}
	words, err := cfg.Effective(salt)
	return cfg, words, err
}

func inForce(ctx context.Context, dataDir, salt string) (stack.InForce, error) {
	var now stack.InForce
	c, err := control.Dial(dataDir)
	if err != nil {
		return now, err
	}
	err = c.Call(ctx, http.MethodGet, "/config?"+url.Values{"salt": {salt}}.Encode(), nil, &now)
	return now, err
}

func printDifferences(out io.Writer, d configDifferences) {
	if len(d.Differences) == 0 {
		fmt.Fprintf(out, "%s means the same as %s\n", d.To, d.From)
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WORD\tOLD\tNEW\tCOMES INTO FORCE")
	for _, one := range d.Differences {
		how := string(one.By)
		if one.Because != "" {
			how += " (" + one.Because + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.Path, inOneLine(one.Old, one.Hidden), inOneLine(one.New, one.Hidden), how)
	}
	w.Flush() //nolint:errcheck // as for any print
}

// inOneLine writes a value into a table.
func inOneLine(v any, hidden bool) string {
	if hidden {
		return "***"
	}
	switch x := v.(type) {
	case nil:
		return "-"
	case string:
		if x == "" {
			return "-"
		}
		return x
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
