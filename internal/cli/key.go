package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// The sets of keys that this process signs with, and what they are called for short.
const (
	setID     = "hydra.openid.id-token"
	setAccess = "hydra.jwt.access-token"
)

// signingKey is one of them (internal/hydra/everyday_keys.go).
type signingKey struct {
	Set         string     `json:"set"`
	ID          string     `json:"kid"`
	Algorithm   string     `json:"algorithm"`
	Bits        int        `json:"bits,omitempty"`
	Made        time.Time  `json:"created_at"`
	Signs       bool       `json:"signs"`
	NeededUntil *time.Time `json:"needed_until"`
}

// role says what it is for.
func (k signingKey) role(now time.Time) string {
	switch {
	case k.Signs:
		return "signs"
	case k.NeededUntil == nil:
		return "verifies"
	case k.NeededUntil.After(now):
		return "verifies until " + k.NeededUntil.Format(time.RFC3339)
	}
	return "can be deleted: what it signed expired at " + k.NeededUntil.Format(time.RFC3339)
}

func (a *app) key() *cobra.Command {
	return group("key", "See and rotate the keys that sign tokens", `Tokens are signed by the newest key of a set: `+setID+` (id for short) signs ID tokens,
`+setAccess+` (access) access tokens that are JWTs. All keys of a set verify.

Rotate in this order: make a new key, wait until what the old one signed has expired, delete it.`,
		a.keyList(), a.keyRotate(), a.keyDelete())
}

func (a *app) keyList() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List signing keys: which signs, and which only verify",
		Example: "  identityd key list\n  identityd key list --json",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		keys, err := signingKeys(cmd.Context(), d)
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string]any{"keys": keys}, func(out io.Writer) { printKeys(out, keys, time.Now()) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	return cmd
}

func signingKeys(ctx context.Context, d *admin) ([]signingKey, error) {
	var got struct {
		Keys []signingKey `json:"keys"`
	}
	if err := d.Hydra().Call(ctx, http.MethodGet, "/admin/identityd/keys", nil, &got); err != nil {
		return nil, fmt.Errorf("reading the signing keys: %w", err)
	}
	return append([]signingKey{}, got.Keys...), nil
}

func printKeys(out io.Writer, keys []signingKey, now time.Time) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SET\tKEY\tALGORITHM\tBITS\tAGE\tROLE")
	for _, k := range keys {
		bits := "-"
		if k.Bits > 0 {
			bits = strconv.Itoa(k.Bits)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Set, printable(k.ID), orDash(k.Algorithm), bits, age(now.Sub(k.Made)), k.role(now))
	}
	w.Flush() //nolint:errcheck // as for any print
}

// age is a duration as people say it.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < 2*day:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return fmt.Sprintf("%d days", d/day)
}

func (a *app) keyRotate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate [SET...]",
		Short: "Make new signing keys; the old ones go on verifying",
		Long: `Make a new key in a set, or in both, of the algorithm that signs there. It signs from now on, in all
processes. The old one verifies what it signed until it is deleted; the answer says until when that is needed.
Nothing ends by it. Where a key has leaked: identityd incident signing-key.`,
		Example: "  identityd key rotate\n  identityd key rotate id --json",
		Args:    exactArgs(cobra.MaximumNArgs(2)),

		ValidArgs: []string{"id", "access"},
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		sets, err := keySets(args)
		if err != nil {
			return err
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		rotated := []rotatedSet{}
		for _, set := range sets {
			var one rotatedSet
			if err := d.Hydra().Call(cmd.Context(), http.MethodPost, "/admin/identityd/keys/"+set, nil, &one); err != nil {
				return fmt.Errorf("making a key of %s: %w", set, err)
			}
			rotated = append(rotated, one)
		}
		return a.show(*asJSON, map[string]any{"rotated": rotated}, func(out io.Writer) {
			for _, r := range rotated {
				r.print(out)
			}
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	return cmd
}

// rotatedSet is what a rotation did.
type rotatedSet struct {
	Set      string       `json:"set"`
	ID       string       `json:"kid"`
	Replaced string       `json:"replaced"`
	Keys     []signingKey `json:"keys"`
}

func (r rotatedSet) print(out io.Writer) {
	fmt.Fprintf(out, "%s: key %s signs now\n", r.Set, r.ID)
	for _, k := range r.Keys {
		if k.ID == r.Replaced && k.NeededUntil != nil {
			fmt.Fprintf(out, "%s: key %s has to stay until %s; then: identityd key delete %s\n",
				r.Set, k.ID, k.NeededUntil.Format(time.RFC3339), k.ID)
		}
	}
}

// keySets are the sets that the arguments name; none means both.
func keySets(args []string) ([]string, error) {
	if len(args) == 0 {
		return []string{setID, setAccess}, nil
	}
	names := map[string]string{"id": setID, setID: setID, "access": setAccess, setAccess: setAccess}
	var out []string
	for _, arg := range args {
		if names[arg] == "" {
			return nil, &usageError{fmt.Errorf("there is no set %q of signing keys; the sets are id (%s) and access (%s)", arg, setID, setAccess)}
		}
		out = append(out, names[arg])
	}
	return slices.Compact(out), nil
}

func (a *app) keyDelete() *cobra.Command {
	var yes, force bool
	cmd := &cobra.Command{
		Use:   "delete KEY",
		Short: "Delete a signing key that nothing needs any longer",
		Long: `Delete a signing key. The one that signs is refused, and one whose tokens are good yet: with --force
they end with it. A sign-out that brings an old ID token as its hint needs the key too, and asks the
person otherwise.`,
		Example: "  identityd key delete 5f0f3b4e-6a0c-4f6e-9c1e-2a7d9b1c8e11 --yes",
		Args:    exactArgs(cobra.ExactArgs(1)),

		ValidArgsFunction: a.completeIDs(keyIDs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		k, err := deletableKey(cmd.Context(), d, args[0], force, time.Now())
		if err != nil {
			return fmt.Errorf("deleting key %s: %w", args[0], err)
		}
		if err := a.confirm(cmd, yes, "delete key "+k.ID+" of "+k.Set); err != nil {
			return err
		}
		path := "/admin/keys/" + k.Set + "/" + url.PathEscape(k.ID)
		if err := d.Hydra().Call(cmd.Context(), http.MethodDelete, path, nil, nil); err != nil {
			return fmt.Errorf("deleting key %s: %w", k.ID, err)
		}
		return a.show(*asJSON, map[string]any{"set": k.Set, "deleted": k.ID}, func(out io.Writer) {
			fmt.Fprintf(out, "key %s of %s deleted\n", k.ID, k.Set)
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&force, "force", false, "delete it though it signs, or though what it signed is good yet")
	return cmd
}

func deletableKey(ctx context.Context, d *admin, id string, force bool, now time.Time) (signingKey, error) {
	keys, err := signingKeys(ctx, d)
	if err != nil {
		return signingKey{}, err
	}
	i := slices.IndexFunc(keys, func(k signingKey) bool { return k.ID == id })
	switch {
	case i < 0:
		return signingKey{}, errors.New("there is no signing key of this id; identityd key list shows those there are")
	case force:
	case keys[i].Signs:
		return signingKey{}, errors.New("it is the one that signs; identityd key rotate makes another one first")
	case keys[i].NeededUntil == nil || keys[i].NeededUntil.After(now):
		until := "later"
		if keys[i].NeededUntil != nil {
			until = keys[i].NeededUntil.Format(time.RFC3339)
		}
		return signingKey{}, fmt.Errorf("what it signed is good until %s; wait until then, or end it now with --force", until)
	}
	return keys[i], nil
}
