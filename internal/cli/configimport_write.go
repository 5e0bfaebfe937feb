package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"example.com/identityd/internal/translate"
)

// writeImport writes stack.yaml and what lies beside it, all or, where something is there already, nothing.
func writeImport(f importFlags, result translate.Result) error {
	dir := filepath.Dir(f.out)
	files := append([]translate.File{{Name: filepath.Base(f.out), Data: result.Stack, Secret: result.Sealed}}, result.Files...)
	if !f.force {
		for _, file := range files {
			path := filepath.Join(dir, file.Name)
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("writing %s: it is there already; move it away, name another file with --out, or overwrite with --force", path)
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	if len(result.Files) > 0 {
		if err := os.MkdirAll(filepath.Join(dir, importFolder(f.out)), 0o700); err != nil {
			return fmt.Errorf("making the folder of secrets: %w", err)
		}
	}
	// stack.yaml last: without it nothing of the rest is used.
	for i := len(files) - 1; i >= 0; i-- {
		if err := replaceFile(filepath.Join(dir, files[i].Name), files[i].Data, files[i].Secret); err != nil {
			return err
		}
	}
	return nil
}

// replaceFile writes a file in one step, with its mode from the beginning.
func replaceFile(path string, data []byte, secret bool) error {
	mode := fs.FileMode(0o644)
	if secret {
		mode = 0o600
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".import-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // renamed by then, or of no use
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// importReport is what is said of an import.
type importReport struct {
	Profile  string           `json:"profile"`
	Stack    string           `json:"stack"`
	Files    []string         `json:"files"`
	Wrote    bool             `json:"written"`
	Complete bool             `json:"complete"`
	Keys     []translate.Key  `json:"keys"`
	Notes    []translate.Note `json:"notes"`
	Warnings []importWarning  `json:"warnings"`
}

type importWarning struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

func (r importReport) text(w io.Writer) {
	for _, part := range []struct {
		fate translate.Fate
		what string
	}{
		{translate.Translated, "translated into words of identityd"},
		{translate.Kept, "kept as they were, in the hydra: and kratos: blocks"},
		{translate.Dropped, "dropped"},
	} {
		r.part(w, part.fate, part.what)
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(w, "To know, and to do:")
		for _, n := range r.Notes {
			fmt.Fprintf(w, "  %s: %s\n", n.Word, n.Text)
		}
		fmt.Fprintln(w)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s: %s\n", warning.Path, warning.Message)
	}
	if !r.Wrote {
		fmt.Fprintf(w, "would write %s (profile %s) and %d files beside it\n", r.Stack, r.Profile, len(r.Files))
		return
	}
	fmt.Fprintf(w, "wrote %s (profile %s) and %d files in %s\n", r.Stack, r.Profile, len(r.Files), filepath.Join(filepath.Dir(r.Stack), importFolder(r.Stack)))
	if r.Complete {
		fmt.Fprintf(w, "next: identityd serve --config %s\n", r.Stack)
	}
}

func (r importReport) part(w io.Writer, fate translate.Fate, what string) {
	var keys []translate.Key
	for _, k := range r.Keys {
		if k.Fate == fate {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return
	}
	fmt.Fprintf(w, "%d keys were %s:\n", len(keys), what)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  KEY\tVALUE\tNOW\tWHY")
	for _, k := range keys {
		path := k.Engine + " " + k.Path
		if k.Now != "" {
			path += " (today " + k.Now + ")"
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", path, dash(k.Value), dash(strings.Join(k.To, ", ")), dash(k.Why))
	}
	tw.Flush() //nolint:errcheck // into a buffer
	fmt.Fprintln(w)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
