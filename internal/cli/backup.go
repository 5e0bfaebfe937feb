package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/backup"
	"example.com/identityd/internal/stack"
)

func (a *app) backup() *cobra.Command {
	var (
		o      stack.BackupOptions
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy both SQLite databases and the generated secrets, while they are served",
		Long: `Copy both SQLite databases, as they are at one moment, and the secrets that identityd generated, into a
folder or a .tar.gz that only you can read. It may run while identityd serves, and nobody waits for it.

A backup with the secrets opens everything: keep it as you keep the secrets. PostgreSQL and CockroachDB
have tools of their own, which this command names.`,
		Example: "  identityd backup\n  identityd backup --to /backups/identityd-monday.tar.gz\n" +
			"  identityd backup --config stack.yaml --to /backups/monday --without-secrets --json",
		Args: exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.load()
			if err != nil {
				return err
			}
			made, err := stack.MakeBackup(cmd.Context(), cfg, stack.Options{Version: version}, o)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, made)
			}
			fmt.Fprintf(a.stdout, "backed up to %s\n", made.Path)
			a.printFiles(made.Manifest)
			if !made.Manifest.Has(backup.SecretsFile) {
				fmt.Fprintln(a.stdout, "The secrets are not in it. Without them nobody can open what they sealed: keep them too.")
			}
			return nil
		},
	}
	a.flags.register(cmd)
	cmd.Flags().StringVar(&o.To, "to", "",
		"a `path` where nothing is: a folder, or a file that ends in .tar.gz (default identityd-backup-<time>)")
	cmd.Flags().BoolVar(&o.WithoutSecrets, "without-secrets", false, "leave out the secrets that identityd generated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) restore() *cobra.Command {
	var check, asJSON bool
	cmd := &cobra.Command{
		Use:   "restore FROM",
		Short: "Put a backup in the place of the SQLite databases",
		Long: `Verify a backup that identityd backup made, a folder or a .tar.gz, and put it in the place of both
SQLite databases and of the generated secrets. What was there is kept in a folder beside.

No identityd may serve from them meanwhile; restore refuses while one does.`,
		Example: "  identityd restore /backups/identityd-monday.tar.gz\n  identityd restore --check /backups/monday",
		Args:    exactArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				m, err := stack.CheckBackup(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, m)
				}
				fmt.Fprintf(a.stdout, "%s is whole\n", args[0])
				a.printFiles(m)
				return nil
			}
			cfg, err := a.load()
			if err != nil {
				return err
			}
			done, err := stack.Restore(cmd.Context(), cfg, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, done)
			}
			a.printRestored(args[0], done)
			return nil
		},
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "verify the backup and change nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printRestored(from string, done stack.Restored) {
	fmt.Fprintf(a.stdout, "restored %s\n", from)
	a.printFiles(done.Manifest)
	if len(done.Replaced) > 0 {
		fmt.Fprintf(a.stdout, "What was there before is in %s; delete it when you do not need it any more.\n",
			strings.Join(done.Replaced, " and "))
	}
	if done.MissingSecrets {
		fmt.Fprintln(a.stdout, "The backup has no secrets and there are none here: put back secrets.yaml before you serve, "+
			"or what they sealed stays closed.")
	}
}

func (a *app) printFiles(m backup.Manifest) {
	fmt.Fprintf(a.stdout, "  made      %s by identityd %s\n", m.MadeAt.Format("2006-01-02 15:04:05.000 MST"), m.Identityd)
	for _, f := range m.Files {
		fmt.Fprintf(a.stdout, "  %-13s %10d bytes  sha256 %s\n", f.Name, f.Bytes, f.SHA256)
	}
}
