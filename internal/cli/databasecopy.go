package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

// copyFlags are those of database copy.
type copyFlags struct {
	to           copyTarget
	whileServing bool
}

func (a *app) databaseCopy() *cobra.Command {
	var f copyFlags
	cmd := &cobra.Command{
		Use:   "copy",
		Short: "Copy both databases into others, of any kind",
		Long: `Copy both databases of the configuration, and what identityd keeps in them, into others: from SQLite
to PostgreSQL or CockroachDB, or back, or to another server. Databases that do not exist are made, the
schema comes from this version's migrations, and every table is read back and compared.

Stop identityd first. What is written to the source during the copy is lost, and the two databases
cannot be read at exactly the same moment.

The target must be empty. A copy that was interrupted goes on when the same command is run again;
nothing serves from it before it is finished. The source is only read.`,
		Example: `  identityd database copy --to postgres://identityd@localhost:5432/ --config stack.yaml
  identityd database copy --to-file target.url      # a URL with a password stays out of the list of processes
  identityd database copy --to-env TARGET_URL
  identityd database copy --to-config new.yaml      # a user and a password for each database
  identityd database copy --to sqlite://./copy --json`,
		Args: exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.to.url, "to", "", "the `URL` of the target: sqlite://<folder>, postgres:// or cockroach://")
	flags.StringVar(&f.to.file, "to-file", "", "the `file` that holds the URL of the target, - for stdin")
	flags.StringVar(&f.to.env, "to-env", "", "the `name` of the environment variable that holds the URL of the target")
	flags.StringVar(&f.to.config, "to-config", "", "the stack.yaml `file` whose databases are the target")
	flags.BoolVar(&f.whileServing, "while-serving", false, "copy though identityd serves; what is written meanwhile is lost")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		return a.copyDatabase(ctx, f, *asJSON)
	}
	return cmd
}

func (a *app) copyDatabase(ctx context.Context, f copyFlags, asJSON bool) error {
	from, err := a.open()
	if err != nil {
		return err
	}
	to, err := a.loadTarget(f.to)
	if err != nil {
		return err
	}
	if f.whileServing {
		fmt.Fprintln(a.stderr, "warning: the two databases are read one after the other, and what is written from now on is not copied; "+
			"stop identityd for a copy to move to")
	}
	progress := newCopyProgress(a.stderr, terminal(a.stderr))
	sum, err := stack.Copy(ctx, from.cfg, to, stack.CopyOptions{
		Options:      from.opts,
		WhileServing: f.whileServing,
		Progress:     progress.show,
	})
	progress.end()
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted; run the same command again, and it goes on where it was")
	case err != nil:
		return err
	}
	return a.show(asJSON, copied{
		from.cfg.Database.Dialect(), to.Database.Dialect(), sum.Took.Round(time.Millisecond).String(), sum,
	}, func(w io.Writer) { printCopy(w, from.cfg, to, f.to, sum) })
}

// copied is what database copy prints for programs.
type copied struct {
	From config.Dialect `json:"from"`
	To   config.Dialect `json:"to"`
	Took string         `json:"took"`
	stack.CopySummary
}

// printCopy says what is left to do: the copy is of no use without the secrets.
func printCopy(w io.Writer, from, to config.Config, target copyTarget, sum stack.CopySummary) {
	fmt.Fprintf(w, "copied %d tables with %s rows in %s; each was read back and is the same\n\n",
		len(sum.Tables), thousands(sum.Rows), sum.Took.Round(10*time.Millisecond))
	if target.config != "" {
		fmt.Fprintf(w, "Serve from the copy with:\n\n  identityd serve --config %s\n\n", to.Source)
	} else {
		fmt.Fprintf(w, "Serve from the copy with this in stack.yaml, and without users and passwords under database.hydra and database.kratos:\n\n"+
			"  database:\n    url: %s\n\n", to.Database.URL)
	}
	if made := generatedSecrets(from); made != "" && (target.config == "" || !hasSecrets(to)) {
		fmt.Fprintf(w, "It can be read only with the secrets of the source. They were generated; keep data_dir, or take this file along:\n\n"+
			"  secrets:\n    file: %s\n", made)
		return
	}
	fmt.Fprintln(w, "It can be read only with the secrets of the source: keep secrets.system, secrets.cookie and secrets.cipher as they are.")
}
