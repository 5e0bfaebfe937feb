package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// pathPersons is what identityd adds to the admin API of Kratos.
const pathPersons = "/admin/identityd/identities/"

// leftPerson is what went, or would go, with a person.
type leftPerson struct {
	ID string `json:"id"`
	// Gone says that there is no account, any more or again.
	Gone    bool        `json:"gone"`
	Removed []heldKind  `json:"removed"`
	Stays   []heldStays `json:"stays"`
	DryRun  bool        `json:"dry_run"`
}

type heldKind struct {
	Kind string `json:"kind"`
	Rows int    `json:"rows"`
}

type heldStays struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

func (p leftPerson) rows() (n int) {
	for _, r := range p.Removed {
		n += r.Rows
	}
	return n
}

func (a *app) identityDelete() *cobra.Command {
	var yes, force, dryRun bool
	cmd := &cobra.Command{
		Use:   "delete ID|IDENTIFIER",
		Short: "Delete somebody's account and everything that is held of them",
		Long: `Delete an account for good, in the order in which the account page does: sessions end, applications are told
by back channel, their consents, codes and tokens end, mails, forms and counts of attempts with the person's
addresses in them are removed from both databases, and the account goes. What was removed is printed, kind by
kind; --dry-run counts and removes nothing. It can be repeated when something in between fails, by the id.

The audit trail keeps that it happened, by the id. Access tokens that are JWTs stay good until they expire for
whoever does not ask.`,
		Example: "  identityd identity delete anna@example.com --dry-run\n  identityd identity delete 9f425a8d-7efc-4768-8f23-7647a74fdf13 --yes --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		found, name, err := whatIsHeld(cmd.Context(), d, args[0], force || dryRun)
		if err != nil {
			return err
		}
		if dryRun {
			found.DryRun = true
			return a.show(*asJSON, found, func(out io.Writer) { found.text(out, "would be removed") })
		}
		what := fmt.Sprintf("delete the account %s for good, and %s in both databases", printable(name), countOf(found.rows(), "row"))
		if err := a.confirm(cmd, yes, what); err != nil {
			return err
		}
		var gone leftPerson
		if err := d.Kratos().Call(cmd.Context(), http.MethodDelete, pathPersons+found.ID, nil, &gone); err != nil {
			return fmt.Errorf("deleting identity %s: %w; run it again by the id, what is done already stays done", found.ID, err)
		}
		return a.show(*asJSON, gone, func(out io.Writer) { gone.text(out, "deleted") })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&force, "force", false, "delete it though a file declares it: the next start makes it again")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and do nothing")
	return cmd
}

// whatIsHeld finds a person, or by an id what is left of one.
func whatIsHeld(ctx context.Context, d *admin, who string, force bool) (leftPerson, string, error) {
	id, name := strings.ToLower(who), who
	p, _, err := findPerson(ctx, d, who)
	switch {
	case err == nil:
		id, name = p.ID, p.identifier()
		if owner := declare.Owner(p.Own); owner != "" && !force {
			return leftPerson{}, "", fmt.Errorf("identity %s belongs to %s (identities): remove it there, or with --force here: the next start makes it again", p.ID, owner)
		}
	case !isUUID(who):
		return leftPerson{}, "", err
	}
	var found leftPerson
	if asked := d.Kratos().Call(ctx, http.MethodGet, pathPersons+id+"/held", nil, &found); asked != nil {
		return leftPerson{}, "", errors.Join(err, fmt.Errorf("counting what is held of identity %s: %w", id, asked))
	}
	if err != nil && found.rows() == 0 {
		return leftPerson{}, "", err
	}
	return found, name, nil
}

func (p leftPerson) text(out io.Writer, did string) {
	fmt.Fprintf(out, "identity %s %s, %s in both databases\n", p.ID, did, countOf(p.rows(), "row"))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, r := range p.Removed {
		fmt.Fprintf(w, "%d\t  %s\n", r.Rows, r.Kind)
	}
	w.Flush() //nolint:errcheck // into a buffer
	for _, s := range p.Stays {
		fmt.Fprintf(out, "stays: %s: %s\n", s.What, s.Why)
	}
}
