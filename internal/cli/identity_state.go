package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// The states of an identity, as Kratos calls them.
const (
	stateActive   = "active"
	stateInactive = "inactive"
)

// statedPerson is what came of it.
type statedPerson struct {
	ID  string `json:"id"`
	Was string `json:"was"`
	Is  string `json:"is"`
}

func (a *app) identityDisable() *cobra.Command {
	cmd, yes := a.stateCommand("disable", stateInactive, "disabled", "keep out and end all access of ")
	cmd.Short = "Keep people out, and end all access they have"
	cmd.Long = `Disable accounts: nobody signs in to them by any way, and all they have ends before this returns, on every
identityd: sessions, what applications remember of them, consents, access and refresh tokens, and codes under
way. Nothing of the account is lost, and identity enable lets the person in again.

Access tokens that are JWTs are good until they expire for whoever verifies them without asking. What is not
done when this returns, because a database was away, is under way: every identityd tries again.`
	cmd.Example = "  identityd identity disable anna@example.com\n  identityd identity disable 9f425a8d-7efc-4768-8f23-7647a74fdf13 --yes --json"
	cmd.Flags().BoolVar(yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) identityEnable() *cobra.Command {
	cmd, _ := a.stateCommand("enable", stateActive, "enabled", "")
	cmd.Short = "Let people in again who were disabled"
	cmd.Long = `Enable accounts that were disabled: their people sign in again with what they had. What ended when they were
disabled stays ended: sessions, consents and tokens.`
	cmd.Example = "  identityd identity enable anna@example.com\n  identityd identity enable 9f425a8d-7efc-4768-8f23-7647a74fdf13 --json"
	return cmd
}

// stateCommand makes the command that gives people a state. Where question is not empty it is asked first, but for the
// answer that the returned flag has.
func (a *app) stateCommand(name, state, done, question string) (cmd *cobra.Command, yes *bool) {
	var forced bool
	yes = new(bool)
	cmd = &cobra.Command{Use: name + " ID|IDENTIFIER...", Args: exactArgs(cobra.MinimumNArgs(1))}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		people, names, err := findPeople(cmd.Context(), d, args)
		if err != nil {
			return err
		}
		for _, p := range people {
			if owner := declare.Owner(p.Own); owner != "" && !forced {
				return fmt.Errorf("identity %s belongs to %s (identities): set its state there, or with --force here, where it is drift that identityd apply takes back",
					p.ID, owner)
			}
		}
		if question != "" {
			if err := a.confirm(cmd, *yes, question+strings.Join(names, ", ")); err != nil {
				return err
			}
		}
		out := []statedPerson{}
		for _, p := range people {
			// Where it reads so already too: somebody else may have changed it since.
			step := []patchStep{{"replace", "/state", state}}
			if err := d.Kratos().Call(cmd.Context(), http.MethodPatch, "/admin/identities/"+p.ID, step, nil); err != nil {
				return errors.Join(fmt.Errorf("making %s %s: %w", p.ID, state, err), a.show(*asJSON, statedList(out), func(to io.Writer) { printStated(to, out, done) }))
			}
			out = append(out, statedPerson{p.ID, p.State, state})
		}
		return a.show(*asJSON, statedList(out), func(to io.Writer) { printStated(to, out, done) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().BoolVar(&forced, "force", false, "do it though a file declares the person")
	return cmd, yes
}

func statedList(list []statedPerson) map[string]any { return map[string]any{"identities": list} }

func printStated(out io.Writer, list []statedPerson, done string) {
	for _, p := range list {
		if p.Was == p.Is {
			fmt.Fprintf(out, "%s is %s already\n", p.ID, done)
			continue
		}
		fmt.Fprintf(out, "%s is %s\n", p.ID, done)
	}
}
