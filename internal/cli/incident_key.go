package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/incident"
)

func (a *app) incidentSigningKey() *cobra.Command {
	var how playing
	cmd := &cobra.Command{
		Use:   "signing-key [SET...]",
		Short: "Replace signing keys that leaked: what they signed verifies no more",
		Long: `Replace the keys that sign ID tokens and access tokens that are JWTs: new ones first, then the old ones go,
so that nothing that was signed by them verifies any more. A rotation (identityd key rotate) would keep
them, and with them what somebody else signs. Nobody is signed out, and nothing has to be restarted. The
sets are id and access; without one both are replaced.`,
		Example: "  identityd incident signing-key\n  identityd incident signing-key id --yes\n  identityd incident signing-key --yes --json",
		Args:    exactArgs(cobra.MaximumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			sets, err := keySets(args)
			if err != nil {
				return err
			}
			d, err := a.reach(cmd)
			if err != nil {
				return err
			}
			defer d.Close()
			p, err := keyPlaybook(cmd.Context(), d, sets)
			if err != nil {
				return err
			}
			return a.play(cmd, p, how, &made{})
		},
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineHydra)
	how.register(cmd)
	return cmd
}

// keyPlaybook is for keys that leaked, of these sets.
func keyPlaybook(ctx context.Context, d *admin, sets []string) (incident.Playbook, error) {
	p := incident.Playbook{Incident: "signing-key"}
	steps, facts, err := keySteps(ctx, d, sets)
	if err != nil {
		return p, err
	}
	p.Facts, p.Steps = facts, steps
	p.Left = []string{
		"Applications that keep the public keys take the old ones until they read " + "/.well-known/jwks.json again: most do when they meet a key that they do not know. " +
			"Restart those that must not, and tell those that have keys pinned.",
		"Applications that take an access token by its signature alone go on taking a forged one until then; those that ask (introspection, userinfo) never did.",
		"How did it leak? Keys are sealed in the database: who has them has the secrets as well, and perhaps all of it: identityd incident database-copy --with-secrets.",
	}
	return p, nil
}

// keySteps make new keys and let the old ones go.
func keySteps(ctx context.Context, d *admin, sets []string) (steps []incident.Step, facts []string, err error) {
	keys, err := signingKeys(ctx, d)
	if err != nil {
		return nil, nil, err
	}
	old := 0
	var until time.Time
	for _, k := range keys {
		if !slices.Contains(sets, k.Set) {
			continue
		}
		old++
		facts = append(facts, fmt.Sprintf("Key %s of %s (%s, made %s) can sign what verifies.", k.ID, k.Set, k.Algorithm, k.Made.Format(time.DateOnly)))
		if k.NeededUntil != nil && k.NeededUntil.After(until) {
			until = *k.NeededUntil
		}
	}
	var tokens endedTokens
	if err := d.Hydra().Call(ctx, http.MethodPost, "/admin/identityd/tokens/preview", everyToken(), &tokens); err != nil {
		return nil, nil, fmt.Errorf("counting tokens: %w", err)
	}
	costs := "ID tokens that are out verify no more"
	if slices.Contains(sets, setAccess) {
		costs += fmt.Sprintf(", nor do %s that are JWTs", countOf(int(tokens.JWTs), "access token"))
		if tokens.Until != nil {
			costs += fmt.Sprintf(" (good until %s otherwise)", tokens.Until.Format(time.RFC3339))
		}
		costs += ": applications get new ones by their refresh tokens, which no key has signed"
	}
	costs += ". A sign-out that brings an old ID token as its hint asks the person first. Nobody is signed out."
	return []incident.Step{
		{
			Name: "new-key", Does: "make a new key in " + strings.Join(sets, " and ") + ", which signs from this moment in all processes",
			Costs: "nothing; all of the old ones verify yet.",
			Do:    func(ctx context.Context) (string, error) { return newKeys(ctx, d, sets) },
		},
		{
			Name: "remove-old", Does: fmt.Sprintf("delete the %s that were there, with their public parts", countOf(old, "key")), Costs: costs,
			Do: func(ctx context.Context) (string, error) { return removeOldKeys(ctx, d, sets) },
		},
	}, facts, nil
}

// everyToken means all tokens there are.
func everyToken() tokenFilter {
	beginning := time.Unix(0, 0).UTC()
	return tokenFilter{After: &beginning}
}

func newKeys(ctx context.Context, d *admin, sets []string) (string, error) {
	var out []string
	for _, set := range sets {
		var one rotatedSet
		if err := d.Hydra().Call(ctx, http.MethodPost, "/admin/identityd/keys/"+set, nil, &one); err != nil {
			return strings.Join(out, ", "), fmt.Errorf("making a key of %s: %w", set, err)
		}
		out = append(out, "key "+one.ID+" signs "+set)
	}
	return strings.Join(out, ", "), nil
}

// removeOldKeys deletes all keys but those that sign.
func removeOldKeys(ctx context.Context, d *admin, sets []string) (string, error) {
	keys, err := signingKeys(ctx, d)
	if err != nil {
		return "", err
	}
	var out []string
	for _, set := range sets {
		signs := slices.ContainsFunc(keys, func(k signingKey) bool { return k.Set == set && k.Signs })
		if !signs {
			return strings.Join(out, ", "), errors.New("no key signs " + set + "; go on with --from new-key")
		}
	}
	for _, k := range keys {
		if !slices.Contains(sets, k.Set) || k.Signs {
			continue
		}
		path := "/admin/keys/" + k.Set + "/" + url.PathEscape(k.ID)
		if err := d.Hydra().Call(ctx, http.MethodDelete, path, nil, nil); err != nil && !isStatus(err, http.StatusNotFound) {
			return strings.Join(out, ", "), fmt.Errorf("deleting key %s: %w", k.ID, err)
		}
		out = append(out, "key "+k.ID+" deleted")
	}
	if len(out) == 0 {
		return "there was no other key", nil
	}
	return strings.Join(out, ", "), nil
}
