package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/configs"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/translate"
)

// importFlags are those of config import.
type importFlags struct {
	out, profile                                string
	envFiles                                    []string
	oneOrigin, inline, force, fetch, dryRun, js bool
}

func (a *app) configImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Make a stack.yaml of the files of a Hydra and a Kratos",
		Long: `Read the settings of a Hydra (1.x, 2.x) and a Kratos (0.x, 1.x) that run by themselves, write a stack.yaml
that does the same, and say of every key what became of it: translated into a word of identityd's, kept
verbatim in the hydra: or kratos: block, or dropped, and why.

The files are told apart by what is in them: hydra.yml, kratos.yml (YAML, JSON or TOML), an identity schema,
and a compose file, whose services' environments count too. Secrets are taken over into files that only their
owner reads, so that what they sealed still opens. Nothing is fetched, started or changed, and no file is
overwritten without --force.`,
		Example: `  identityd config import hydra.yml kratos.yml identity.schema.json
  identityd config import hydra.yml kratos.yml --env-file hydra=hydra.env --env-file kratos=kratos.env
  identityd config import hydra.yml kratos.yml docker-compose.yml --dry-run --json`,
		Args: exactArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importConfig(cmd.Context(), f, args) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "out", "o", "stack.yaml", "the `file` to write; its secrets and schemas go into a folder beside it")
	flags.StringVar(&f.profile, "profile", "", "the `profile`: development or production (default: as the issuer says)")
	flags.StringArrayVar(&f.envFiles, "env-file", nil, "`file` with variables of the engines, such as DSN; hydra=FILE or kratos=FILE for one; repeatable")
	flags.BoolVar(&f.oneOrigin, "one-origin", false, "put pages and self-service under the address of the issuer")
	flags.BoolVar(&f.inline, "inline-secrets", false, "write secrets into stack.yaml in place of files")
	flags.BoolVar(&f.fetch, "fetch", false, "fetch what http:// and https:// addresses name")
	flags.BoolVar(&f.force, "force", false, "overwrite files that are there")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	flags.BoolVar(&f.js, "json", false, "print JSON")
	return cmd
}

func (a *app) importConfig(ctx context.Context, f importFlags, args []string) error {
	in, err := a.importInput(ctx, f, args)
	if err != nil {
		return err
	}
	result, err := translate.Run(in)
	if err != nil {
		return err
	}
	report := importReport{Profile: result.Profile, Stack: f.out, Files: []string{}, Keys: result.Keys, Notes: result.Notes, Wrote: !f.dryRun, Warnings: []importWarning{}}
	for _, file := range result.Files {
		report.Files = append(report.Files, filepath.Join(filepath.Dir(f.out), file.Name))
	}
	if report.Notes == nil {
		report.Notes = []translate.Note{}
	}
	var left error
	if !f.dryRun {
		if err := writeImport(f, result); err != nil {
			return err
		}
		left = a.checkImport(ctx, f.out, &report)
	}
	if err := a.show(f.js, report, report.text); err != nil {
		return err
	}
	return left
}

// importInput reads everything that the arguments name.
func (a *app) importInput(ctx context.Context, f importFlags, args []string) (translate.Input, error) {
	in := translate.Input{
		OneOrigin: f.oneOrigin, InlineSecrets: f.inline, Folder: importFolder(f.out), Secret: newSecret, Presets: map[string][]byte{},
	}
	switch f.profile {
	case "":
	case string(config.Production):
		in.Production = true
	case string(config.Development):
		in.Development = true
	default:
		return in, &usageError{fmt.Errorf("--profile wants development or production (got %q)", f.profile)}
	}
	if len(args) == 0 && len(f.envFiles) == 0 {
		return in, &usageError{errors.New("config import wants the files of the engines: identityd config import hydra.yml kratos.yml")}
	}
	if strings.TrimSpace(f.out) == "" || f.out == "-" {
		return in, &usageError{errors.New("--out wants a file: secrets and schemas are written beside it")}
	}
	for _, name := range []string{"email", "username"} {
		raw, err := fs.ReadFile(configs.FS(), "identity."+name+"-v1.schema.json")
		if err != nil {
			return in, fmt.Errorf("reading preset: %w", err)
		}
		in.Presets[name] = raw
	}
	r := &importReader{ctx: ctx, fetch: f.fetch}
	if err := r.read(&in, args, f.envFiles); err != nil {
		return in, err
	}
	in.Open = r.open
	return in, nil
}

// importFolder is where files go beside stack.yaml.
func importFolder(out string) string {
	base := filepath.Base(out)
	return strings.TrimSuffix(base, filepath.Ext(base)) + "-files"
}

// newSecret makes 32 bytes of text out of 24 by chance.
func newSecret() (string, error) {
	raw := make([]byte, 24)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// checkImport judges the result as serve would. What is missing is for people to add, so that everything was
// written nevertheless.
func (a *app) checkImport(ctx context.Context, out string, report *importReport) error {
	cfg, err := a.loadWith(func(o *config.Options) { o.File, o.Set = out, nil })
	if err == nil {
		err = stack.Check(ctx, cfg)
	}
	for _, w := range cfg.Warnings {
		report.Warnings = append(report.Warnings, importWarning{w.Path, w.Message})
	}
	var problems *config.Problems
	switch {
	case err == nil:
		report.Complete = true
		return nil
	case errors.As(err, &problems):
		return fmt.Errorf("%s was written, but is not complete:\n%s", out, problems.Error())
	}
	return err
}
