package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

// exitChanges is the exit code of plan --exit-code where there is something to do: not 1 and not 2, which
// every command has for failures.
const exitChanges = 3

// errChanges ends a plan that found something to do, where the exit code is to say so.
var errChanges = errors.New("there is something to do")

// wishFlags say what a plan may hold.
type wishFlags struct{ adopt, deleteIdentities bool }

func (f *wishFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.adopt, "adopt", false, "take over what exists under a declared name and was made by others")
	cmd.Flags().BoolVar(&f.deleteIdentities, "delete-identities", false, "delete people who left the file, instead of leaving them deactivated")
}

func (a *app) plan() *cobra.Command {
	var (
		wish     wishFlags
		exitCode bool
	)
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Show what differs from the clients and identities of the file",
		Long: `Show what identityd apply would do so that both engines have what clients: and identities: say: made,
changed, removed, and what was changed by hand (drift), with who did it where the audit trail knows.
Nothing is changed. Secrets, traits and metadata are named and not printed.

The identityd that serves from this data_dir is asked, and reads its file again. Where none serves, the
databases are opened for the moment.`,
		Example: "  identityd plan\n  identityd plan --json\n  identityd plan --exit-code",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.declared(cmd.Context())
		if err != nil {
			return err
		}
		defer d.Close()
		plan, err := d.plan(cmd.Context(), wish)
		if err != nil {
			return err
		}
		if err := a.show(*asJSON, plan, declaredText(plan)); err != nil {
			return err
		}
		if exitCode && plan.Changes() {
			return errChanges
		}
		return nil
	}
	a.flags.register(cmd)
	wish.register(cmd)
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "end with exit code 3 when there is something to do")
	return cmd
}

func (a *app) apply() *cobra.Command {
	var (
		wish wishFlags
		yes  bool
	)
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Make clients and identities as the file says",
		Long: `Do what identityd plan shows. A start does most of it by itself: this is for what a start holds back
(most of a kind leaving the file at once), for changes by hand that are to be taken back, for what others
made that the file is to own (--adopt), and for a file that a newer one has superseded.

What is to be done is shown first, and done when you agree, or with --yes.`,
		Example: "  identityd apply --yes\n  identityd apply --adopt --yes --json\n  identityd apply --delete-identities --yes",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.declared(cmd.Context())
		if err != nil {
			return err
		}
		defer d.Close()
		plan, err := d.plan(cmd.Context(), wish)
		if err != nil {
			return err
		}
		if !plan.Changes() && plan.Verdict == verdictInForce {
			return a.show(*asJSON, stack.NothingDone(), declaredText(plan))
		}
		if err := showTo(a.stderr, false, nil, declaredText(plan)); err != nil {
			return err
		}
		if err := a.confirm(cmd, yes, "do all of this"); err != nil {
			return err
		}
		var done stack.DeclaredResult
		want := stack.DeclaredWish{Adopt: wish.adopt, DeleteIdentities: wish.deleteIdentities, Plan: plan.ID}
		if err := d.api.Call(cmd.Context(), http.MethodPost, "/declared", want, &done); err != nil {
			return fmt.Errorf("applying the file: %w", err)
		}
		return a.show(*asJSON, done, doneText(done))
	}
	a.flags.register(cmd)
	wish.register(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// declaredDoor is where what the file declares is asked for: a running process, or this one.
type declaredDoor struct {
	*admin
	api *adminAPI
}

func (a *app) declared(ctx context.Context) (*declaredDoor, error) {
	o, err := a.open()
	if err != nil {
		return nil, err
	}
	d, err := a.admin(ctx, o)
	if err != nil {
		return nil, err
	}
	return &declaredDoor{d, &adminAPI{base: control.Base, rt: d.Hydra().rt, at: d.way}}, nil
}

func (d *declaredDoor) plan(ctx context.Context, wish wishFlags) (plan stack.DeclaredPlan, err error) {
	query := url.Values{}
	if wish.adopt {
		query.Set("adopt", "")
	}
	if wish.deleteIdentities {
		query.Set("delete_identities", "")
	}
	if err := d.api.Call(ctx, http.MethodGet, strings.TrimSuffix("/declared?"+query.Encode(), "?"), nil, &plan); err != nil {
		return plan, fmt.Errorf("planning: %w", err)
	}
	return plan, nil
}
