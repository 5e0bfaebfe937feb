package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
)

// completeIn bounds what a shell waits for.
const completeIn = 2 * time.Second

// completeIDs completes the ids of what a list has, where an identityd serves from this data_dir. Databases are
// not opened for it.
func (a *app) completeIDs(list func(context.Context, *admin) ([]string, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 && !strings.HasSuffix(cmd.Use, "...") {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		if d, err := a.besideMe(); err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), completeIn)
			defer cancel()
			found, _ := list(ctx, d) // a shell has nobody to tell
			for _, id := range found {
				if strings.HasPrefix(id, begun) {
					out = append(out, id)
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// besideMe is the identityd that serves from this data_dir.
func (a *app) besideMe() (*admin, error) {
	cfg, err := a.load()
	if err != nil {
		return nil, err
	}
	c, err := control.Dial(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	return adminVia("the control socket", c.Transport(), func() {}), nil
}

// clientIDs are those of the first clients, with their names.
func clientIDs(ctx context.Context, d *admin) (out []string, err error) {
	_, err = paging{size: largestPage}.list(ctx, d.Hydra(), "/admin/clients", url.Values{}, func(raw json.RawMessage) error {
		var c oauthClient
		if err := json.Unmarshal(raw, &c); err != nil {
			return err
		}
		out = append(out, c.ID+"\t"+cmp.Or(printable(c.Name), "client"))
		return nil
	})
	return out, err
}

// keyIDs are those of the signing keys.
func keyIDs(ctx context.Context, d *admin) (out []string, err error) {
	keys, err := signingKeys(ctx, d)
	for _, k := range keys {
		out = append(out, k.ID+"\t"+k.Set+", "+k.role(time.Now()))
	}
	return out, err
}
