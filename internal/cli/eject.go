package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/eject"
	"example.com/identityd/internal/stack"
)

// ejected is what the command says.
type ejected struct {
	Folder  string         `json:"folder"`
	Files   []string       `json:"files"`
	Wrote   bool           `json:"written"`
	Changes []eject.Change `json:"changes"`
	Losses  []eject.Loss   `json:"losses"`
}

func (a *app) eject() *cobra.Command {
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use:   "eject DIR",
		Short: "Write the files of a plain Hydra and Kratos that go on from here",
		Long: `Write hydra.yml, kratos.yml, their secrets, the identity schemas, the templates of mails, a compose file and a
README into a new folder. With them the official Hydra 2.3.0 and Kratos 1.3.1 start on the databases of
this identityd: people sign in with what they have, and applications refresh the tokens they have.

What is lost by leaving is listed, here and in the README. Nothing in a database is changed, nothing is
started or stopped, and no file is overwritten. Stop identityd before anything else serves from its databases.`,
		Example: "  identityd eject ./ory --dry-run\n  identityd eject ./ory --yes",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := a.load()
		if err != nil {
			return err
		}
		if cfg.Warnings != nil {
			a.warn(cfg)
		}
		result, err := stack.Eject(cfg, newSecret)
		if err != nil {
			return err
		}
		said := ejected{Folder: args[0], Files: []string{}, Wrote: !dryRun, Changes: result.Changes, Losses: result.Losses}
		for _, file := range result.Files {
			said.Files = append(said.Files, file.Name)
		}
		if !dryRun {
			if err := emptyFolder(args[0]); err != nil {
				return err
			}
			if err := a.confirm(cmd, yes, fmt.Sprintf("write the settings and the secrets of this identityd into %s", args[0])); err != nil {
				return err
			}
			if err := writeEjected(args[0], result.Files); err != nil {
				return err
			}
		}
		return a.show(*asJSON, said, said.text)
	}
	a.flags.register(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

// emptyFolder refuses a folder with anything in it: files of another day would be read along with these.
func emptyFolder(dir string) error {
	there, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking into %s: %w", dir, err)
	case len(there) > 0:
		return fmt.Errorf("writing into %s: there is something in it (%s); name a folder that is empty, or not there yet", dir, there[0].Name())
	}
	return nil
}

func writeEjected(dir string, files []eject.File) error {
	for _, file := range files {
		path := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("making %s: %w", filepath.Dir(path), err)
		}
		if err := replaceFile(path, file.Data, file.Secret); err != nil {
			return err
		}
	}
	return nil
}

func (e ejected) text(w io.Writer) {
	fmt.Fprintln(w, "What is lost by leaving:")
	for _, loss := range e.Losses {
		fmt.Fprintf(w, "  %s: %s\n", loss.Word, loss.What)
		if loss.Instead != "" {
			fmt.Fprintf(w, "    instead: %s\n", loss.Instead)
		}
	}
	fmt.Fprintln(w)
	if !e.Wrote {
		fmt.Fprintf(w, "would write %s into %s; nothing was written\n", countOf(len(e.Files), "file"), e.Folder)
		return
	}
	fmt.Fprintf(w, "wrote %s into %s\nnext: stop identityd, make a backup, and read %s\n", countOf(len(e.Files), "file"), e.Folder, filepath.Join(e.Folder, eject.ReadmeFile))
}
