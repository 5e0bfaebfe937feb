package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/identityd/configs"
	"example.com/identityd/internal/config"
)

func (a *app) configInit() *cobra.Command {
	var profile, output string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented configuration to begin with",
		Long: `Write a commented configuration for a profile. A line that begins with # and a word without a space
between is an option: remove the # to use it. A file that is there already is left alone.`,
		Example: "  identityd config init\n  identityd config init --profile production --out -",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.Flags().StringVar(&profile, "profile", string(config.Development), "the `profile`: development or production")
	cmd.Flags().StringVarP(&output, "out", "o", "stack.yaml", "the `file` to write, - for stdout")
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "output" { // as it was called before every file to write was --out
			name = "out"
		}
		return pflag.NormalizedName(name)
	})
	values(cmd, "profile", profiles()...)
	cmd.RunE = func(*cobra.Command, []string) error {
		content, err := template(profile)
		if err != nil {
			return err
		}
		if output == "-" {
			return a.print(content)
		}
		if output == "" {
			return &usageError{errors.New("--out wants a file, or - for stdout")}
		}
		if err := create(output, content); err != nil {
			return err
		}
		return a.show(*asJSON, map[string]string{"path": output, "profile": profile}, func(w io.Writer) {
			fmt.Fprintf(w, "wrote %s (profile %s)\n%s", output, profile, next(profile, output))
		})
	}
	return cmd
}

func profiles() []string { return []string{string(config.Development), string(config.Production)} }

func template(profile string) ([]byte, error) {
	switch config.Profile(profile) {
	case config.Development, config.Production:
	default:
		return nil, &usageError{fmt.Errorf("--profile wants development or production (got %q)", profile)}
	}
	content, err := fs.ReadFile(configs.FS(), "init."+profile+".yaml")
	if err != nil {
		return nil, fmt.Errorf("reading template: %w", err)
	}
	return content, nil
}

// create writes a file that was not there. A file of the same name may hold the only copy of a
// secret.
func create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("writing %s: it is there already; move it away, or name another file with --out", path)
	}
	if err != nil {
		return fmt.Errorf("writing configuration: %w", err)
	}
	if err := fill(f, content); err != nil {
		return fmt.Errorf("writing configuration: %w", err)
	}
	return nil
}

// next says what to do with the file.
func next(profile, output string) string {
	named := ""
	if output != "stack.yaml" {
		named = " --config " + output
	}
	if config.Profile(profile) == config.Development {
		return "next: identityd serve" + named + "\n"
	}
	return "next: put in your host names, make the secrets (the commands are in the file), then\n" +
		"      identityd config check" + named + "\n"
}
