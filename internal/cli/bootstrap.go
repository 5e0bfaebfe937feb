package cli

import (
	"errors"
	"fmt"
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
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.loadWith(func(o *config.Options) { o.OnlyDatabase = true })
			if err != nil {
				return err
			}
			o, err := f.options()
			if err != nil {
				return err
			}
			if f.print {
				script, err := stack.BootstrapScript(cfg, o)
				if err != nil {
					return err
				}
				fmt.Fprint(a.stdout, script)
				return nil
			}
			if o.AdminURL == "" {
				return &usageError{errors.New("bootstrap wants --admin-url or --admin-url-file; --print shows what it would run")}
			}
			report, err := stack.Bootstrap(cmd.Context(), cfg, o)
			fmt.Fprint(a.stdout, bootstrapDone(report))
			if err != nil {
				return err
			}
			fmt.Fprint(a.stdout, bootstrapNext(report))
			return nil
		},
	}
	a.flags.register(cmd)
	cmd.Flags().StringVar(&f.adminURL, "admin-url", "", "connect to this `url` as somebody who may make databases and users")
	cmd.Flags().StringVar(&f.adminURLFile, "admin-url-file", "", "read --admin-url from this `file`")
	cmd.Flags().StringVar(&f.passwords, "passwords", string(stack.BootstrapKeep),
		"what becomes of the passwords of users that exist: `keep`, set (to what is configured) or rotate")
	cmd.Flags().StringVar(&f.folder, "password-dir", "", "keep passwords without a password_file in this `folder`, a file for each user")
	cmd.Flags().BoolVar(&f.print, "print", false, "print the SQL with placeholders for passwords, and connect to nothing")
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

// bootstrapDone says what was done, also when it ended half way: passwords are told only once.
func bootstrapDone(r stack.BootstrapReport) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, w := range r.Warnings {
		line("warning: %s", w)
	}
	for _, name := range r.CreatedRoles {
		line("made the user %s", name)
	}
	for _, name := range r.CreatedDatabases {
		line("made the database %s", name)
	}
	for _, db := range r.Plan.Databases {
		if n := r.Moved[db.Name]; n > 0 {
			line("gave %d tables of %s to %s", n, db.Name, db.Migrating)
		}
	}
	for _, name := range r.SetPasswords {
		switch account := r.Accounts[name]; {
		case account.Password != "":
			line("the password of %s, which is not shown again: %s", name, account.Password)
		case account.File != "":
			line("set the password of %s, which is in %s", name, account.File)
		default:
			line("set the password of %s to the one of the configuration", name)
		}
	}
	return b.String()
}

// bootstrapNext says how to go on.
func bootstrapNext(r stack.BootstrapReport) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	place := func(name string) string {
		if account := r.Accounts[name]; account.File != "" {
			return account.File
		}
		return "secrets/" + name
	}
	hydra, kratos := r.Plan.Databases[0], r.Plan.Databases[1]
	line("\n%s is ready. In stack.yaml:\n", r.Server)
	line("database:\n  url: %s", r.URL)
	for i, db := range r.Plan.Databases {
		password := ", password_file: " + place(db.Serving) + " }"
		if r.Accounts[db.Serving].Inline {
			password = " }   # and its password, as it is"
		}
		line("  %s: { name: %s, user: %s%s", []string{"hydra", "kratos"}[i], db.Name, db.Serving, password)
	}
	line("  migrate: wait   # the serving users may not make tables")
	line("\nBefore a new version serves, and now, migrate as the users who may:\n")
	for _, pair := range [][2]string{
		{"HYDRA_USER", hydra.Migrating},
		{"HYDRA_PASSWORD_FILE", place(hydra.Migrating)},
		{"KRATOS_USER", kratos.Migrating},
		{"KRATOS_PASSWORD_FILE", place(kratos.Migrating)},
	} {
		line("IDENTITYD_DATABASE_%s=%s \\", pair[0], pair[1])
	}
	line("  identityd migrate --config stack.yaml")
	return b.String()
}
