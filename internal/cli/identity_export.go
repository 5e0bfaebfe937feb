package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"github.com/spf13/cobra"
)

// exported is what the command says when the data went into a file.
type exported struct {
	ID    string `json:"id"`
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

func (a *app) identityExport() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "export ID|IDENTIFIER",
		Short: "Give somebody all that is held of them, as JSON",
		Long: `Write what both databases have of a person: account, addresses, ways to sign in, sessions, devices,
applications and what they were told, tokens by client and time, mails, forms, failed attempts and the audit
trail. Secrets are left out: passwords, keys, codes, tokens and the texts of mails; the file itself names what
it leaves out and why. It is the file that people download from their own account page.

That it was asked for is in the audit trail. With --out the file is readable by its owner alone, and none is
overwritten.`,
		Example: "  identityd identity export anna@example.com --out anna.json\n  identityd identity export 9f425a8d-7efc-4768-8f23-7647a74fdf13",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		if out != "" {
			if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("writing %s: it is there already; name another file with --out", out)
			}
		}
		p, _, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := d.Kratos().Call(cmd.Context(), http.MethodPost, pathPersons+p.ID+"/export", struct{}{}, &raw); err != nil {
			return fmt.Errorf("collecting what is held of identity %s: %w", p.ID, err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, raw, "", "  "); err != nil {
			return fmt.Errorf("collecting what is held of identity %s: %w", p.ID, err)
		}
		pretty.WriteByte('\n')
		if out == "" {
			return a.print(pretty.Bytes())
		}
		if err := replaceFile(out, pretty.Bytes(), true); err != nil {
			return err
		}
		said := exported{ID: p.ID, File: out, Bytes: pretty.Len()}
		return a.show(*asJSON, said, func(w io.Writer) { fmt.Fprintf(w, "wrote %s, %d bytes, of identity %s\n", out, pretty.Len(), p.ID) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().StringVarP(&out, "out", "o", "", "the `file` to write (default: stdout)")
	return cmd
}
