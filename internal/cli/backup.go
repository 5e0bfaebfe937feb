package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/backup"
	"example.com/identityd/internal/stack"
)

func (a *app) backup() *cobra.Command {
	var how stack.BackupOptions
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy both SQLite databases and the generated secrets",
		Long: `Copy both SQLite databases, as they are at one moment, and the secrets that identityd generated, into a
folder or a .tar.gz that only you can read. It may run while identityd serves, and nobody waits for it.

A backup with the secrets opens everything: keep it as you keep the secrets. PostgreSQL and CockroachDB
have tools of their own, which this command names.`,
		Example: "  identityd backup\n  identityd backup --to /backups/identityd-monday.tar.gz\n" +
			"  identityd backup --config stack.yaml --to /backups/monday --without-secrets --json",
		Args: exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().StringVar(&how.To, "to", "",
		"a `path` where nothing is: a folder, or a file that ends in .tar.gz (default identityd-backup-<time>)")
	cmd.Flags().BoolVar(&how.WithoutSecrets, "without-secrets", false, "leave out the secrets that identityd generated")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		made, err := stack.MakeBackup(cmd.Context(), o.cfg, o.opts, how)
		if err != nil {
			return err
		}
		return a.show(*asJSON, made, func(w io.Writer) {
			fmt.Fprintf(w, "backed up to %s\n", made.Path)
			printFiles(w, made.Manifest)
			if !made.Manifest.Has(backup.SecretsFile) {
				fmt.Fprintln(w, "the secrets are not in it: without them nobody can open what they sealed, keep them too")
			}
		})
	}
	return cmd
}

func (a *app) restore() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "restore FROM",
		Short: "Put a backup in the place of the SQLite databases",
		Long: `Verify a backup that identityd backup made, a folder or a .tar.gz, and put it in the place of both
SQLite databases and of the generated secrets. What was there is kept in a folder beside.

No identityd may serve from them meanwhile; restore refuses while one does.`,
		Example: "  identityd restore /backups/identityd-monday.tar.gz\n  identityd restore --check /backups/monday",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "verify the backup and change nothing")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if check {
			m, err := stack.CheckBackup(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.show(*asJSON, m, func(w io.Writer) {
				fmt.Fprintf(w, "%s is whole\n", args[0])
				printFiles(w, m)
			})
		}
		o, err := a.open()
		if err != nil {
			return err
		}
		done, err := stack.Restore(cmd.Context(), o.cfg, args[0])
		if err != nil {
			return err
		}
		return a.show(*asJSON, done, func(w io.Writer) { printRestored(w, args[0], done) })
	}
	return cmd
}

func printRestored(w io.Writer, from string, done stack.Restored) {
	fmt.Fprintf(w, "restored %s\n", from)
	printFiles(w, done.Manifest)
	if len(done.Replaced) > 0 {
		fmt.Fprintf(w, "what was there before is in %s; delete it when you do not need it any more\n",
			strings.Join(done.Replaced, " and "))
	}
	if done.MissingSecrets {
		fmt.Fprintln(w, "the backup has no secrets and there are none here: put back secrets.yaml before you serve, "+
			"or what they sealed stays closed")
	}
}

func printFiles(w io.Writer, m backup.Manifest) {
	fmt.Fprintf(w, "  made      %s by identityd %s\n", m.MadeAt.Format("2006-01-02 15:04:05.000 MST"), m.Identityd)
	for _, f := range m.Files {
		fmt.Fprintf(w, "  %-13s %10d bytes  sha256 %s\n", f.Name, f.Bytes, f.SHA256)
	}
}
