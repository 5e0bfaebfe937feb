package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// verifiedClient is what became of a client that registered itself.
type verifiedClient struct {
	ID       string     `json:"client_id"`
	Name     string     `json:"client_name"`
	Verified *time.Time `json:"verified"`
}

func (a *app) clientVerify() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:   "verify ID",
		Short: "Say that you know who is behind a client that registered itself",
		Long: `Say that you know who is behind an OAuth2 client that registered itself (dynamic_registration). People are
then not told any more that nobody has checked it, its logo and links are shown, and it is kept when nobody
uses it. Look at its redirect URIs first: who owns those hosts gets what people allow.

A client that changes what it is registered with is not verified any more.`,
		Example: "  identityd client verify 6f1c1a52-0d1e-4f0a-9d5e-0a8f0b6a7c11\n  identityd client verify 6f1c1a52-0d1e-4f0a-9d5e-0a8f0b6a7c11 --undo",
		Args:    exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(clientIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		method := http.MethodPost
		if undo {
			method = http.MethodDelete
		}
		var said verifiedClient
		path := "/admin/identityd/clients/" + url.PathEscape(args[0]) + "/verified"
		if err := d.Hydra().Call(cmd.Context(), method, path, nil, &said); err != nil {
			return clientError("verifying", args[0], err)
		}
		return a.show(*asJSON, said, func(out io.Writer) {
			done := "is verified"
			if said.Verified == nil {
				done = "is not verified any more"
			}
			fmt.Fprintf(out, "client %s (%s) %s\n", printable(said.ID), orDash(said.Name), done)
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().BoolVar(&undo, "undo", false, "take it back")
	return cmd
}
