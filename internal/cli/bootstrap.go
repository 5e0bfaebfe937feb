package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

// bootstrapFlags are the flags of identityd bootstrap.
type bootstrapFlags struct {
	adminURL, adminURLFile string
	passwords              string
	folder                 string
	print                  bool
}

func (a *app) bootstrap() *cobra.Command {
	var f bootstrapFlags
	cmd := &cobra.Command{
		Use:   "bootstrap",
		Short: "Make both databases and their users on PostgreSQL or CockroachDB",
		Long: `Make the databases of Hydra and Kratos on PostgreSQL or CockroachDB, and two users for each: one that serves,
which may read and write rows and nothing else, and one that migrates, which owns the tables.

Names come from database.hydra and database.kratos, and are hydra_user and kratos_user where nothing is
set; the migrating users are hydra_migrator and kratos_migrator. It may be run again: what is there
stays, and passwords change only when asked. New passwords go to the password_file of the configuration,
to --password-dir, or are printed once.`,
		Example: "  identityd bootstrap --admin-url-file /run/secrets/pg-admin --password-dir secrets\n" +
			"  identityd bootstrap --print > bootstrap.sql\n" +
			"  identityd bootstrap --admin-url postgres://postgres@db:5432/ --passwords rotate",
		Args: exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().StringVar(&f.adminURL, "admin-url", "", "connect to this `url` as somebody who may make databases and users")
	cmd.Flags().StringVar(&f.adminURLFile, "admin-url-file", "", "read --admin-url from this `file`")
	cmd.Flags().StringVar(&f.passwords, "passwords", string(stack.BootstrapKeep),
		"what becomes of the passwords of users that exist, one `word`: keep, set (to what is configured) or rotate")
	cmd.Flags().StringVar(&f.folder, "password-dir", "", "keep passwords without a password_file in this `folder`, a file for each user")
	cmd.Flags().BoolVar(&f.print, "print", false, "print the SQL with placeholders for passwords, and connect to nothing")
	asJSON := jsonFlag(cmd)
	values(cmd, "passwords", string(stack.BootstrapKeep), string(stack.BootstrapSet), string(stack.BootstrapRotate))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.loadWith(func(o *config.Options) { o.OnlyDatabase = true })
		if err != nil {
			return err
		}
		how, err := f.options()
		if err != nil {
			return err
		}
		if f.print {
			script, err := stack.BootstrapScript(cfg, how)
			if err != nil {
				return err
			}
			return a.show(*asJSON, map[string]string{"sql": script}, func(w io.Writer) { fmt.Fprint(w, script) })
		}
		if how.AdminURL == "" {
			return &usageError{errors.New("bootstrap wants --admin-url or --admin-url-file; --print shows what it would run")}
		}
		report, err := stack.Bootstrap(cmd.Context(), cfg, how)
		// Also when it ended half way: passwords are told only once.
		shown := a.show(*asJSON, bootstrapReport(report), func(w io.Writer) {
			fmt.Fprint(w, bootstrapDone(report))
			if err == nil {
				fmt.Fprint(w, bootstrapNext(report))
			}
		})
		return errors.Join(err, shown)
	}
	return cmd
}

func (f bootstrapFlags) options() (stack.BootstrapOptions, error) {
	o := stack.BootstrapOptions{AdminURL: f.adminURL, Passwords: stack.BootstrapPasswords(f.passwords)}
	known := []stack.BootstrapPasswords{stack.BootstrapKeep, stack.BootstrapSet, stack.BootstrapRotate}
	if !slices.Contains(known, o.Passwords) {
		return o, &usageError{fmt.Errorf("--passwords must be keep, set or rotate (got %q)", f.passwords)}
	}
	if f.folder != "" {
		folder, err := filepath.Abs(f.folder)
		if err != nil {
			return o, fmt.Errorf("reading --password-dir: %w", err)
		}
		o.Folder = folder
	}
	if f.adminURLFile == "" {
		return o, nil
	}
	if f.adminURL != "" {
		return o, &usageError{errors.New("--admin-url and --admin-url-file exclude each other")}
	}
	raw, err := os.ReadFile(f.adminURLFile)
	if err != nil {
		return o, &usageError{fmt.Errorf("reading --admin-url-file: %w", err)}
	}
	o.AdminURL = strings.TrimSpace(string(raw))
	return o, nil
}
