package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
)

// configFlags are the flags of every command that reads the configuration.
type configFlags struct {
	file string
	set  []string
}

func (f *configFlags) register(cmd *cobra.Command) {
	cmd.Flags().VarP(fileValue{&f.file}, "config", "c", "the configuration `file` (default ./stack.yaml, if there is one)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "set a word of the file, `word=value`, as in --set listen.ui=:3001; repeatable")
	// They fail for a flag that is not there alone.
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
	_ = cmd.RegisterFlagCompletionFunc("set", completeWord)
}

// flagError says of a value that is wrong what it has to be, which the parsers of numbers say in words of Go.
func flagError(err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	wants := map[string]string{"bool": "true or false", "int": "a whole number", "file": "the name of a file", "duration": "a time such as 30s, 15m or 24h"}[wrong.GetFlag().Value.Type()]
	if wants == "" {
		return err
	}
	return fmt.Errorf("--%s wants %s (got %q)", wrong.GetFlag().Name, wants, wrong.GetValue())
}

// fileValue is the name of a file. An empty one is refused, as a shell writes it whose variable is empty: to go on with
// no file, or another one, would not be what was meant.
type fileValue struct{ name *string }

// Set implements pflag.Value.
func (v fileValue) Set(name string) error {
	if name == "" {
		return errors.New("it has no name")
	}
	*v.name = name
	return nil
}

// String implements pflag.Value.
func (v fileValue) String() string {
	if v.name == nil {
		return ""
	}
	return *v.name
}

// Type implements pflag.Value.
func (fileValue) Type() string { return "file" }

// load reads the configuration with all its layers.
func (a *app) load() (config.Config, error) { return a.loadWith(func(*config.Options) {}) }

// loadWith reads it with other options than those of the flags.
func (a *app) loadWith(change func(*config.Options)) (config.Config, error) {
	opts, err := a.options()
	if err != nil {
		return config.Config{}, err
	}
	change(&opts)
	return config.Load(opts)
}

// options are where the configuration is read from.
func (a *app) options() (config.Options, error) {
	dir, err := os.Getwd()
	if err != nil {
		return config.Options{}, fmt.Errorf("reading working directory: %w", err)
	}
	opts := config.Options{File: a.flags.file, Dir: dir, Environ: a.environ, Set: map[string]string{}, CheckClaims: checkClaims, KnownClaims: knownClaims}
	if opts.File == "" {
		opts.File = a.getenv("IDENTITYD_CONFIG")
	}
	for _, pair := range a.flags.set {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return config.Options{}, &usageError{fmt.Errorf("--set wants key=value (got %q)", pair)}
		}
		opts.Set[key] = value
	}
	return opts, nil
}

// checkClaims lets the grammar of claims: take part in the one report of all problems, which config,
// that knows no grammar, makes.
func checkClaims(block map[string]map[string]any) []config.Problem {
	var out []config.Problem
	_, problems := claims.Compile(block)
	for _, p := range problems {
		out = append(out, config.Problem{Path: p.Path, Message: p.Message})
	}
	return out
}

// knownClaims are those that some scope reveals; of a block with problems none.
func knownClaims(block map[string]map[string]any) []string {
	m, problems := claims.Compile(block)
	if len(problems) > 0 {
		return nil
	}
	return m.ClaimNames()
}

func (a *app) getenv(name string) string {
	for _, pair := range a.environ {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value
		}
	}
	return ""
}
