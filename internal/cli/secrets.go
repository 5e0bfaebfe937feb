package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/stack"
)

func (a *app) secrets() *cobra.Command {
	return group("secrets", "Make, rotate and look at the secrets that everything is sealed with", `The secrets are three lists: system (Hydra's data at rest and its tokens), cookie (the cookies of both
engines and of the pages, one-time codes) and cipher (tokens of upstream providers). The first of each
list seals, all of them open. A rotation puts a new one first and takes the oldest out when nothing is
left that only it opens, so that nobody is signed out.`,
		a.secretsGenerate(), a.secretsRotate(), a.secretsStatus(), a.secretsReseal())
}

func (a *app) secretsGenerate() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make a file of secrets for secrets.file",
		Long: `Make a file with one new secret of each kind, readable by its owner alone (0600), in the form that
secrets.file takes. A file that is there already is left as it is.

Without --out it goes where the configuration says: secrets.file, or the one that development makes in
data_dir.`,
		Example: "  identityd secrets generate --out /run/secrets/identityd.yaml\n" +
			"  identityd secrets generate --out - | kubectl create secret generic identityd --from-file=secrets.yaml=/dev/stdin",
		Args: exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "the `file` to write, - for stdout")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(*cobra.Command, []string) error {
		f := secrets.Fresh(time.Now())
		if out == "-" {
			raw, err := f.Bytes()
			if err == nil {
				_, err = a.stdout.Write(raw)
			}
			return err
		}
		path := out
		if path == "" {
			var err error
			if path, err = a.secretsTarget(); err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return fmt.Errorf("making the folder of the secrets: %w", err)
			}
		}
		err := f.Create(path)
		if errors.Is(err, fs.ErrExist) {
			return &usageError{fmt.Errorf("%s is there already, and what it sealed needs it; rotate it (identityd secrets rotate), or name another file with --out", path)}
		}
		if err != nil {
			return err
		}
		prints := map[string]string{}
		for _, kind := range secrets.Kinds() {
			prints[kind] = secrets.Fingerprint(kind, f.List(kind)[0].Value)
		}
		return a.show(*asJSON, map[string]any{"path": path, "fingerprints": prints}, func(w io.Writer) {
			fmt.Fprintf(w, "made %s (0600)\n", path)
			for _, kind := range secrets.Kinds() {
				fmt.Fprintf(w, "  %-6s %s\n", kind, prints[kind])
			}
			fmt.Fprintln(w, "name it in secrets.file, and keep a copy beside the backups of the databases")
		})
	}
	return cmd
}

// secretsTarget is where the configuration wants its file. It may be wrong for want of just that file, or
// say nothing of it.
func (a *app) secretsTarget() (string, error) {
	cfg, err := a.load()
	if err == nil {
		return stack.SecretsPath(cfg), nil
	}
	var problems *config.Problems
	if errors.As(err, &problems) && slices.ContainsFunc(problems.List, func(p config.Problem) bool { return strings.HasPrefix(p.Path, "secrets.") }) {
		return "", &usageError{errors.New("the configuration names no file of secrets that could be read: say where to with --out, then name it in secrets.file")}
	}
	return "", err
}

func (a *app) secretsRotate() *cobra.Command {
	var (
		how stack.RotateOptions
		out string
	)
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Put a new secret first, and take out what nobody needs any more",
		Long: `Put a new secret of each kind first, in the file that the configuration names. The old ones stay behind it
and go on opening what they sealed; nobody is signed out. Restart the process for it to take effect. It
then seals anew what it can (signing keys, tokens of providers); the rest ends by itself.

With several processes the first ones that are restarted would seal what the others cannot open. Go in
steps there, and restart all processes after each:

  --stage add       the new secret goes to the end: everybody learns to open what it seals
  --stage promote   it goes to the front: everybody begins to seal with it; refused while a
                    serving process does not know it
  --stage drop      old secrets go; refused for those that something would be lost with
                    (identityd secrets status says what and until when)

With one process rotate without a stage is the first two at once, and drop comes later as well. The
file is replaced in one step and keeps its owner and its mode. Where it is mounted read-only, --out
writes the new one elsewhere.`,
		Example: "  identityd secrets rotate --config stack.yaml\n  identityd secrets rotate --kind cookie --stage add\n" +
			"  identityd secrets rotate --stage drop --dry-run\n  identityd secrets rotate --stage promote --out secrets.new.yaml --json",
		Args: exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	cmd.Flags().StringSliceVar(&how.Kinds, "kind", nil, "the `kinds`: system, cookie, cipher (all)")
	cmd.Flags().StringVar(&how.Stage, "stage", "", "one `step` of a rotation: add, promote, drop")
	values(cmd, "kind", secrets.Kinds()...)
	values(cmd, "stage", string(secrets.Add), string(secrets.Promote), string(secrets.Drop))
	cmd.Flags().BoolVar(&how.Force, "force", false, "do it though something is lost with it")
	cmd.Flags().BoolVar(&how.DryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().StringVar(&out, "out", "", "write the new `file` here (0600) instead, - for stdout")
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkRotation(how); err != nil {
			return &usageError{err}
		}
		o, err := a.open()
		if err != nil {
			return err
		}
		if out != "" {
			how.Out = func(raw []byte) error { return a.writeSecrets(out, raw) }
		}
		done, err := stack.RotateSecrets(cmd.Context(), o.cfg, o.opts, how)
		if err != nil {
			return err
		}
		to := a.stdout
		if out == "-" {
			to = a.stderr // the file itself is on the standard output
		}
		if out != "" && out != "-" {
			done.Path = out
		}
		return showTo(to, *asJSON, done, func(w io.Writer) { printRotated(w, done) })
	}
	return cmd
}

func checkRotation(o stack.RotateOptions) error {
	for _, kind := range o.Kinds {
		if !slices.Contains(secrets.Kinds(), kind) {
			return fmt.Errorf("there is no kind %q of secrets; the kinds are %s", kind, strings.Join(secrets.Kinds(), ", "))
		}
	}
	if o.Stage != "" && !slices.Contains(secrets.Stages(), secrets.Stage(o.Stage)) {
		return fmt.Errorf("there is no stage %q of a rotation; the stages are add, promote, drop", o.Stage)
	}
	return nil
}

func (a *app) writeSecrets(out string, raw []byte) error {
	if out == "-" {
		_, err := a.stdout.Write(raw)
		return err
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{fmt.Errorf("%s is there already; name another file with --out", out)}
	}
	if err != nil {
		return fmt.Errorf("writing the new secrets: %w", err)
	}
	if err := fill(f, raw); err != nil {
		return fmt.Errorf("writing the new secrets: %w", err)
	}
	return nil
}

func (a *app) secretsStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what each secret is needed for, and until when",
		Long: `Say of each secret, by its fingerprint, how old it is, whether it seals or only opens, how much in the
databases only it opens, and until when it has to be kept. It counts now, beside the serving processes,
and changes nothing. Values are never shown.

Exit code 0 when there is nothing to warn of, 1 otherwise.`,
		Example: "  identityd secrets status --config stack.yaml\n  identityd secrets status --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		status, err := stack.ReadSecretsStatus(cmd.Context(), o.cfg, o.opts)
		if err != nil {
			return err
		}
		err = a.show(*asJSON, status, func(w io.Writer) { printSecretsStatus(w, status) })
		if err == nil && len(status.Warnings) > 0 {
			return fmt.Errorf("%d warnings", len(status.Warnings))
		}
		return err
	}
	return cmd
}

func (a *app) secretsReseal() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reseal",
		Short: "Seal anew what older secrets sealed in the databases",
		Long: `Seal anew, with the first secret of each list, the signing keys and the tokens of upstream providers that
an older one sealed. A serving process does so by itself within a minute of its start; this waits for
it, or does it now. Tokens are not touched: what an older secret signed ends by itself.`,
		Example: "  identityd secrets reseal --config stack.yaml\n  identityd secrets reseal --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	a.flags.register(cmd)
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o, err := a.open()
		if err != nil {
			return err
		}
		done, err := stack.ResealSecrets(cmd.Context(), o.cfg, o.opts)
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"tables": done}, func(w io.Writer) { printResealed(w, done) })
	}
	return cmd
}
