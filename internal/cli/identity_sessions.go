package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// personSession is a session of somebody's, as Kratos has it.
type personSession struct {
	ID       string   `json:"id"`
	Active   bool     `json:"active"`
	Level    string   `json:"authenticator_assurance_level"`
	SignedIn string   `json:"authenticated_at"`
	Expires  string   `json:"expires_at"`
	Methods  []string `json:"methods"`
	Devices  []device `json:"devices"`
}

// device is from where a session was used.
type device struct {
	Address string `json:"ip_address"`
	Agent   string `json:"user_agent"`
}

func (a *app) identitySessions() *cobra.Command {
	var (
		all, every, yes bool
		one             string
	)
	cmd := &cobra.Command{
		Use:   "sessions ID|IDENTIFIER",
		Short: "List where somebody is signed in, or sign them out",
		Long: `List the sessions of a person, the newest first. --revoke ends one, --revoke-all all of them: applications
that asked for it are told, as when the person signs out.`,
		Example: "  identityd identity sessions anna@example.com\n  identityd identity sessions anna@example.com --revoke-all --yes --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if one != "" && every {
			return &usageError{errors.New("--revoke ends one session and --revoke-all all; name one of the two")}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		p, _, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		sessions, err := sessionsOf(cmd.Context(), d, p.ID, !all)
		if err != nil {
			return fmt.Errorf("listing the sessions of %s: %w", p.ID, err)
		}
		if one != "" || every {
			return a.revokeSessions(cmd, d, p, sessions, one, yes, *asJSON)
		}
		return a.show(*asJSON, map[string]any{"sessions": sessions}, func(out io.Writer) { printSessions(out, sessions) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	cmd.Flags().BoolVar(&all, "all", false, "list those that have ended too")
	cmd.Flags().StringVar(&one, "revoke", "", "end the session of this `id`")
	cmd.Flags().BoolVar(&every, "revoke-all", false, "end all of them")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) revokeSessions(cmd *cobra.Command, d *admin, p person, sessions []personSession, one string, yes, asJSON bool) error {
	ids, path := []string{}, "/admin/identities/"+p.ID+"/sessions"
	for _, s := range sessions {
		if s.Active && (one == "" || s.ID == one) {
			ids = append(ids, s.ID)
		}
	}
	if one != "" {
		if len(ids) == 0 {
			return fmt.Errorf("ending session %s: %s has none of this id that is active; identityd identity sessions %s lists them", one, p.ID, p.ID)
		}
		path = "/admin/sessions/" + one
	}
	if err := a.confirm(cmd, yes, "sign "+printable(p.identifier())+" out of "+countOf(len(ids), "session")); err != nil {
		return err
	}
	if len(ids) > 0 {
		if err := d.Kratos().Call(cmd.Context(), http.MethodDelete, path, nil, nil); err != nil && !isStatus(err, http.StatusNotFound) {
			return fmt.Errorf("ending sessions of %s: %w", p.ID, err)
		}
	}
	return a.show(asJSON, map[string]any{"revoked": ids}, func(out io.Writer) {
		fmt.Fprintf(out, "%s of %s ended\n", countOf(len(ids), "session"), p.ID)
	})
}

// sessionsOf lists sessions; active leaves out those that have ended. Kratos counts the pages of this list by
// numbers, and those of people by tokens (docs/ory-quirks.md#q150).
func sessionsOf(ctx context.Context, d *admin, id string, active bool) ([]personSession, error) {
	out := []personSession{}
	for page := 1; ; page++ {
		path := fmt.Sprintf("/admin/identities/%s/sessions?per_page=%d&page=%d", id, largestPage, page)
		if active {
			path += "&active=true"
		}
		var found []struct {
			personSession

			Used []struct {
				Method string `json:"method"`
			} `json:"authentication_methods"`
		}
		err := d.Kratos().Call(ctx, http.MethodGet, path, nil, &found)
		if isStatus(err, http.StatusNotFound) { // upstream's word for none
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			f.Methods = []string{}
			for _, m := range f.Used {
				f.Methods = append(f.Methods, m.Method)
			}
			f.Devices = append([]device{}, f.Devices...)
			out = append(out, f.personSession)
		}
		if len(found) < largestPage {
			slices.SortStableFunc(out, func(a, b personSession) int { return cmp.Compare(b.SignedIn, a.SignedIn) })
			return out, nil
		}
	}
}

func printSessions(out io.Writer, sessions []personSession) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SESSION\tACTIVE\tLEVEL\tBY\tSIGNED IN\tEXPIRES\tFROM\tWITH")
	for _, s := range sessions {
		from, with := "", ""
		if n := len(s.Devices); n > 0 {
			from, with = s.Devices[n-1].Address, s.Devices[n-1].Agent
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, map[bool]string{true: "yes", false: "no"}[s.Active],
			orDash(s.Level), orDash(strings.Join(s.Methods, ",")), orDash(s.SignedIn), orDash(s.Expires), orDash(from), orDash(with))
	}
	w.Flush() //nolint:errcheck // as for any print
}
