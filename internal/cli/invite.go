package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

const pathInvitations = "/admin/identityd/invitations"

// invitation is one as the admin API shows it (internal/kratos/invitation_admin.go).
type invitation struct {
	ID      string   `json:"id"`
	Address string   `json:"address"`
	State   string   `json:"state"`
	Groups  []string `json:"groups"`
	Client  string   `json:"client_id"`
	Mailed  bool     `json:"mailed"`
	Made    string   `json:"created_at"`
	Expires string   `json:"expires_at"`
	By      string   `json:"identity_id"`
	Link    string   `json:"link"`
	Taken   bool     `json:"has_account"`
}

func (a *app) invite() *cobra.Command {
	return group("invite", "Invite people to an account", `An invitation is a link by which one person signs up with one address, and gets groups with the account. It
works once. Where registration.mode is invite there is no other way to sign up; where it is open, it brings
the groups. Somebody who has an account gets them after signing in.

These commands go through the control socket of the identityd that serves from this data_dir, through the
databases where none serves, or with --endpoint to the admin API of Kratos elsewhere.`,
		a.inviteCreate(), a.inviteList(), a.inviteRevoke())
}

func (a *app) inviteCreate() *cobra.Command {
	var (
		groups       []string
		expires      time.Duration
		send         bool
		client, lang string
	)
	cmd := &cobra.Command{
		Use:   "create ADDRESS",
		Short: "Invite somebody, and print or send the link",
		Long: `Make an invitation for an address, and print its link. It is shown this once: only a hash of it is stored.
Whoever opens it gets an account with this address, and proves by the usual mail that the address is theirs.

With --send the link goes to the address by mail and nowhere else, so that the account needs no other proof.`,
		Example: `  identityd invite create anna@example.com
  identityd invite create anna@example.com --group staff --group admins --expires 24h
  identityd invite create anna@example.com --send --lang de --client shop --json`,
		Args: exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if lang != "" && !send {
			return &usageError{fmt.Errorf("--lang is the language of the mail: it goes with --send")}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		body := map[string]any{
			"address": args[0], "groups": append([]string{}, groups...), "expires_in": expires.String(), "client_id": client, "send": send, "lang": lang,
		}
		var (
			raw json.RawMessage
			i   invitation
		)
		if err := d.Kratos().Call(cmd.Context(), http.MethodPost, pathInvitations, body, &raw); err != nil {
			return fmt.Errorf("inviting %s: %w", printable(args[0]), err)
		}
		if err := json.Unmarshal(raw, &i); err != nil {
			return fmt.Errorf("inviting %s: %w", printable(args[0]), err)
		}
		if i.Taken {
			fmt.Fprintln(a.stderr, "somebody has an account with this address: they get the groups when they sign in and accept")
		}
		return a.show(*asJSON, raw, func(out io.Writer) {
			if i.Mailed {
				fmt.Fprintf(out, "sent to  %s\n", printable(i.Address))
			} else {
				fmt.Fprintf(out, "link     %s\n", i.Link)
			}
			fmt.Fprintf(out, "id       %s\nexpires  %s\n", i.ID, i.Expires)
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	f := cmd.Flags()
	f.StringArrayVar(&groups, "group", nil, "a `group` that the account gets; repeatable")
	f.DurationVar(&expires, "expires", 72*time.Hour, "for how long the link is good, up to 2160h")
	f.BoolVar(&send, "send", false, "send the link by mail, in place of printing it")
	f.StringVar(&client, "client", "", "the `id` of the application that the person is invited for")
	f.StringVar(&lang, "lang", "", "the `language` of the mail, as in de (the first of ui.locales)")
	return cmd
}

func (a *app) inviteList() *cobra.Command {
	var p paging
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List invitations, the newest first",
		Example: "  identityd invite list\n  identityd invite list --all --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		found := []json.RawMessage{}
		next, err := p.list(cmd.Context(), d.Kratos(), pathInvitations, url.Values{}, func(raw json.RawMessage) error {
			found = append(found, raw)
			return nil
		})
		if err != nil {
			return fmt.Errorf("listing invitations: %w", err)
		}
		return a.showPage(*asJSON, "invitations", found, next, func(out io.Writer) { printInvitations(out, found) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	p.register(cmd)
	return cmd
}

func printInvitations(out io.Writer, list []json.RawMessage) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tADDRESS\tSTATE\tGROUPS\tCLIENT\tEXPIRES\tUSED BY")
	for _, raw := range list {
		var i invitation
		if json.Unmarshal(raw, &i) != nil {
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, printable(i.Address), i.State,
			orDash(strings.Join(i.Groups, ",")), orDash(i.Client), i.Expires, orDash(i.By))
	}
	w.Flush() //nolint:errcheck // as for any print
}

func (a *app) inviteRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "revoke ID",
		Short:   "Take an invitation back",
		Long:    `Take an invitation back that nobody has used. An account that was made with it stays.`,
		Example: "  identityd invite revoke 9f425a8d-7efc-4768-8f23-7647a74fdf13",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		err = d.Kratos().Call(cmd.Context(), http.MethodDelete, pathInvitations+"/"+url.PathEscape(args[0]), nil, nil)
		if isStatus(err, http.StatusNotFound) {
			return fmt.Errorf("taking back the invitation %s: there is none of this id; identityd invite list shows them", printable(args[0]))
		}
		if err != nil {
			return fmt.Errorf("taking back the invitation %s: %w", printable(args[0]), err)
		}
		return a.show(*asJSON, map[string]any{"id": args[0], "revoked": true}, func(out io.Writer) {
			fmt.Fprintf(out, "invitation %s is taken back\n", printable(args[0]))
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	return cmd
}
