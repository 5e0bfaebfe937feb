package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

// Exit codes. A configuration that is wrong is told apart, because trying again does not help.
const (
	exitOK      = 0
	exitFailure = 1
	exitConfig  = 2
)

// These are set by the linker, which can set nothing but variables; a build without them is somebody's own. The
// date is that of the commit and never that of the build, so that the same commit makes the same bytes.
var version, commit, commitDate = "dev", "", "" //nolint:gochecknoglobals // see above

// The codes of what ends with exitConfig; identityd why --code says what they mean, as of those of stack.CodeOf.
const (
	codeConfiguration = "configuration_wrong"
	codeUsage         = "usage_wrong"
)

// app is what the commands share.
type app struct {
	stdout, stderr io.Writer
	environ        []string
	flags          configFlags
	access         accessFlags
}

// Main runs the command line and returns the exit code: 0 for success and a clean stop, 1 for a
// failure, 2 for arguments or a configuration that are wrong.
func Main(args []string, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr, environ: os.Environ()}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(context.Background())
	return a.exitCode(cmd, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "identityd",
		Short: "Ory Hydra, Ory Kratos and their pages in one process",
		Long: `identityd runs Ory Hydra (OAuth2 and OpenID Connect), Ory Kratos (identities) and the pages
people see in one process, configured by one file.

Try it in an empty folder:  identityd serve`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		// Without it cobra shows the help for a mistyped command, and calls that a success.
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
	}
	root.AddCommand(
		a.serve(), a.bootstrap(), a.migrate(), a.backup(), a.restore(), a.janitor(), a.origin(), a.database(),
		a.config(), a.adminTokens(), a.secrets(), a.regions(), a.demo(), a.health(), a.status(), a.reload(), a.throttle(), a.hooks(), a.version(),
	)
	root.AddCommand(a.licenses(), a.audit(), a.doctor())
	root.AddCommand(a.client(), a.mail(), a.why(), a.plan(), a.apply(), a.completion(), a.man(), a.key(), a.token(), a.identity(), a.schema())
	root.AddCommand(a.incident(), a.eject(), a.invite())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{flagError(err)} })
	return arrange(root)
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// Unwrap returns the mistake.
func (e *usageError) Unwrap() error { return e.error }

// exactArgs is cobra's check with our exit code.
func exactArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if strings.Contains(err.Error(), "arg(s)") { // cobra counts, and does not say what they are
			err = fmt.Errorf("%w; it is used as %s", err, cmd.UseLine())
		}
		return &usageError{err}
	}
}

// knownCommand refuses what is no command, and names the one that may have been meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	err := cobra.NoArgs(cmd, args)
	if err == nil {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
	}
	return &usageError{err}
}

// wrongness ends the list of what is wrong.
func wrongness(p *config.Problems) string {
	what := "the configuration"
	if p.Source != "" {
		what = printable(p.Source)
	}
	return fmt.Sprintf("%s has %s", what, plural(len(p.List), "problem", "problems"))
}

func (a *app) exitCode(cmd *cobra.Command, err error) int {
	var (
		problems *config.Problems
		usage    *usageError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errChanges):
		return exitChanges
	case errors.As(err, &problems):
		fmt.Fprintf(a.stderr, "%s\nidentityd: %s [%s]\n", problems.Error(), wrongness(problems), codeConfiguration)
		return exitConfig
	case errors.As(err, &usage):
		fmt.Fprintf(a.stderr, "identityd: %v\nRun %s --help for more [%s]\n", err, cmd.CommandPath(), codeUsage)
		return exitConfig
	default:
		if code := stack.CodeOf(err); code != "" {
			err = fmt.Errorf("%w [%s]", err, code) // identityd why --code says what it means
		}
		fmt.Fprintf(a.stderr, "identityd: %v\n", err)
		return exitFailure
	}
}
