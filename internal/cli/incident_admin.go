package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/incident"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/stack"
)

// mostDeeds is how many changes of a leaked token are told one by one.
const mostDeeds = 20

func (a *app) incidentAdminToken() *cobra.Command {
	var (
		how        playing
		out, since string
	)
	cmd := &cobra.Command{
		Use:   "admin-token [NAME]",
		Short: "Replace a token of the admin APIs that leaked, and see what it did",
		Long: `Replace the token of this name in the file of admin.token_file, or all of them, by new ones with the same
names and scopes. The old ones open nothing within a second; new ones are shown this once. It tells from
the audit trail what was changed with the leaked one, since a moment with --since.

Where the file is mounted read-only, --out writes the new one elsewhere.`,
		Example: "  identityd incident admin-token deploy\n  identityd incident admin-token deploy --since 7d --yes\n" +
			"  identityd incident admin-token --out tokens.new --yes --json",
		Args: exactArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			after, err := moment(since)
			if err != nil {
				return &usageError{fmt.Errorf("--since: %w", err)}
			}
			o, err := a.open()
			if err != nil {
				return err
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			shown := &made{}
			p, err := a.tokenPlaybook(cmd.Context(), o, name, out, after, shown)
			if err != nil {
				return err
			}
			return a.play(cmd, p, how, shown)
		},
	}
	a.flags.register(cmd)
	how.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write the new `file` here (0600) instead")
	cmd.Flags().StringVar(&since, "since", "30d", "tell what was done since this `moment`: a time, a day, or how long ago, as in 7d")
	return cmd
}

// tokenPlaybook is for a token of the admin APIs that leaked; no name is all of them.
func (a *app) tokenPlaybook(ctx context.Context, o opened, name, out string, since time.Time, shown *made) (incident.Playbook, error) {
	path := o.cfg.Admin.TokenFile
	if path == "" {
		return incident.Playbook{}, &usageError{errors.New("admin.token_file is not set, so that no token opens the admin APIs; admin.allow_unauthenticated and the listeners say who can reach them")}
	}
	was, err := adminguard.ReadFile(path)
	if err != nil {
		return incident.Playbook{}, err
	}
	now, fresh, err := adminguard.Replace(was, name)
	if err != nil {
		return incident.Playbook{}, &usageError{fmt.Errorf("admin.token_file: %s: %w", path, err)}
	}
	var names []string
	for _, r := range fresh {
		names = append(names, r.Name)
	}
	p := incident.Playbook{Incident: "admin-token", Facts: deeds(ctx, o, names, since)}
	to := path
	if out != "" {
		to = out
	}
	p.Steps = []incident.Step{{
		Name: "replace", Does: fmt.Sprintf("write %s with %s for %s", to, countOf(len(fresh), "new token"), strings.Join(names, ", ")),
		Costs: "who uses the old one is refused (401) within a second, until it has the new one.",
		Do: func(context.Context) (string, error) {
			if out != "" {
				err = a.writeSecrets(out, now)
			} else {
				err = secrets.ReplaceFile(path, was, now)
			}
			if err != nil {
				return "", err
			}
			shown.add("tokens", fresh, "")
			for _, r := range fresh {
				shown.text += fmt.Sprintf("Token %s (%s), not shown again: %s\n", r.Name, r.Scopes, r.Token)
			}
			return "the old ones open nothing any more where this file is read", nil
		},
	}}
	p.Left = []string{
		"Give the new token to whoever used the old one.",
		"Bring the new file to every other replica that has a copy; a running process reads it within a second, without a reload.",
		"Take back what was changed with the leaked one; above is what the audit trail has. A token that may change clients can have read or set their secrets and redirect addresses " +
			"(identityd client list), one that may change identities can have made recovery links and sessions (identityd identity sessions ID).",
		"Reading is not on the audit trail; the access log has it, with the name in no line.",
	}
	if out != "" {
		p.Left = append([]string{"Put " + out + " where admin.token_file is mounted from; until then the old tokens open the door."}, p.Left...)
	}
	return p, nil
}

// deeds tells what was changed with tokens, from the audit trail.
func deeds(ctx context.Context, o opened, names []string, since time.Time) []string {
	book, err := stack.OpenAudit(ctx, o.cfg, o.opts)
	if err != nil {
		return []string{"What was done with it cannot be told: " + err.Error()}
	}
	defer book.Close()
	var (
		count  int
		latest []string
	)
	filter := audit.Filter{Kinds: []string{audit.AdminChange}, Since: since}
	err = book.Each(ctx, filter, func(r audit.Read) error {
		if r.Outcome == audit.Intended || !slices.Contains(names, strings.TrimPrefix(r.Actor, audit.ActorAdmin)) {
			return nil
		}
		count++
		latest = append(latest, fmt.Sprintf("  %s %s %s %s (%s) from %s, request %s", r.When().UTC().Format(time.RFC3339), strings.TrimPrefix(r.Actor, audit.ActorAdmin),
			r.Detail("method"), printable(r.Detail("path")), r.Detail("answer"), orDash(r.Address), r.Request))
		latest = latest[max(0, len(latest)-mostDeeds):]
		return nil
	})
	if err != nil {
		return []string{"What was done with it cannot be told: " + err.Error()}
	}
	return append([]string{fmt.Sprintf("%s changed something since %s by the admin APIs: %s%s", strings.Join(names, ", "), since.UTC().Format(time.RFC3339),
		countOf(count, "change"), map[bool]string{true: fmt.Sprintf(", of which these are the last %d:", mostDeeds), false: "."}[count > mostDeeds])}, latest...)
}
