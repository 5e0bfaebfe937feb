package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// person is what the commands know of an identity. All of it, as Kratos has it, is what get --json shows.
type person struct {
	ID       string         `json:"id"`
	Schema   string         `json:"schema_id"`
	State    string         `json:"state"`
	Made     string         `json:"created_at"`
	Changed  string         `json:"updated_at"`
	Traits   map[string]any `json:"traits"`
	Verified []struct {
		Value    string `json:"value"`
		Verified bool   `json:"verified"`
	} `json:"verifiable_addresses"`
	Recovery []struct {
		Value string `json:"value"`
	} `json:"recovery_addresses"`
	// Own is the metadata that only administrators see.
	Own    json.RawMessage `json:"metadata_admin"`
	Public json.RawMessage `json:"metadata_public"`
}

// identifier is how people call it: what it signs in with, in most schemas, or an address.
func (p person) identifier() string {
	for _, trait := range []string{"username", "email"} {
		if text, ok := p.Traits[trait].(string); ok && text != "" {
			return text
		}
	}
	for _, a := range p.Verified {
		return a.Value
	}
	for _, a := range p.Recovery {
		return a.Value
	}
	return ""
}

func (a *app) identity() *cobra.Command {
	return group("identity", "Look after people: their accounts and sessions", `Identities are the accounts of people. These commands go through the control socket of the identityd that
serves from this data_dir, through the databases where none serves, or with --endpoint to the admin API of
Kratos elsewhere. Traits are personal data: lists show what somebody signs in with and nothing else.`,
		a.identityList(), a.identityGet(), a.identityCreate(), a.identityImport(), a.identityDelete(), a.identityExport(), a.identitySessions(), a.identityRecovery(),
		a.identityRevoke(), a.identityDisable(), a.identityEnable(), a.identityGroups(), a.identityRoles(), a.identityFactors(), a.identityResetFactor())
}

func (a *app) identityList() *cobra.Command {
	var (
		p          paging
		identifier string
		ids        []string
	)
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List people by what they sign in with",
		Example: "  identityd identity list --all --json\n  identityd identity list --identifier anna@example.com",
		Args:    exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		query := url.Values{"ids": ids}
		if identifier != "" {
			query.Set("credentials_identifier", identifier)
		}
		for _, id := range ids {
			if !isUUID(id) {
				return &usageError{fmt.Errorf("--ids wants ids of identities (got %q)", id)}
			}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		people := []listedPerson{}
		next, err := p.list(cmd.Context(), d.Kratos(), "/admin/identities", query, func(raw json.RawMessage) error {
			var one person
			if err := json.Unmarshal(raw, &one); err != nil {
				return err
			}
			people = append(people, listedPerson{one.ID, one.identifier(), one.State, one.Schema, one.Made})
			return nil
		})
		if err != nil {
			return fmt.Errorf("listing people: %w", err)
		}
		return a.showPage(*asJSON, "identities", people, next, func(out io.Writer) { printPeople(out, people) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	p.register(cmd)
	cmd.Flags().StringVar(&identifier, "identifier", "", "only who signs in with this `address` or name")
	cmd.Flags().StringSliceVar(&ids, "ids", nil, "only these `ids`; repeatable")
	return cmd
}

// listedPerson is what a list tells of somebody.
type listedPerson struct {
	ID         string `json:"id"`
	Identifier string `json:"identifier"`
	State      string `json:"state"`
	Schema     string `json:"schema_id"`
	Made       string `json:"created_at"`
}

func printPeople(out io.Writer, people []listedPerson) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tIDENTIFIER\tSTATE\tSCHEMA\tMADE")
	for _, p := range people {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, orDash(p.Identifier), orDash(p.State), orDash(p.Schema), orDash(p.Made))
	}
	w.Flush() //nolint:errcheck // as for any print
}

func (a *app) identityGet() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "get ID|IDENTIFIER",
		Short:   "Show one person, traits included",
		Example: "  identityd identity get anna@example.com\n  identityd identity get 9f425a8d-7efc-4768-8f23-7647a74fdf13 --json",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		p, raw, err := findPerson(cmd.Context(), d, args[0])
		if err != nil {
			return err
		}
		return a.show(*asJSON, raw, func(out io.Writer) { printPerson(out, p) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	return cmd
}

// isUUID tells ids from identifiers, which may be anything else.
func isUUID(s string) bool {
	return regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(s)
}

// findPeople finds them all before anything is done to one, and what to call them in a question.
func findPeople(ctx context.Context, d *admin, who []string) (people []person, names []string, err error) {
	for _, one := range who {
		p, _, err := findPerson(ctx, d, one)
		if err != nil {
			return nil, nil, err
		}
		people, names = append(people, p), append(names, printable(p.identifier()))
	}
	return people, names, nil
}

// findPerson finds one by its id, or by what it signs in with.
func findPerson(ctx context.Context, d *admin, who string) (person, json.RawMessage, error) {
	var (
		raw json.RawMessage
		err error
	)
	if isUUID(who) {
		err = d.Kratos().Call(ctx, http.MethodGet, "/admin/identities/"+who, nil, &raw)
	} else {
		var found []json.RawMessage
		err = d.Kratos().Call(ctx, http.MethodGet, "/admin/identities?"+url.Values{"credentials_identifier": {who}}.Encode(), nil, &found)
		switch {
		case err != nil:
		case len(found) > 1:
			return person{}, nil, fmt.Errorf("looking for %s: %d people sign in with it; name one by its id, identityd identity list --identifier shows them", who, len(found))
		case len(found) == 0:
			err = &apiError{Status: http.StatusNotFound}
		default:
			raw = found[0]
		}
	}
	if isStatus(err, http.StatusNotFound) {
		return person{}, nil, fmt.Errorf("looking for %s: there is nobody of this id or identifier; identityd identity list shows who there is", who)
	}
	if err != nil {
		return person{}, nil, fmt.Errorf("looking for %s: %w", who, err)
	}
	var p person
	if err := json.Unmarshal(raw, &p); err != nil || p.ID == "" {
		return person{}, nil, errors.Join(errors.New("the answer is no identity"), err)
	}
	return p, raw, nil
}

func printPerson(out io.Writer, p person) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, value string) { fmt.Fprintf(w, "%s\t%s\n", name, orDash(value)) }
	line("ID", p.ID)
	line("IDENTIFIER", p.identifier())
	line("STATE", p.State)
	line("SCHEMA", p.Schema)
	for _, name := range slices.Sorted(maps.Keys(p.Traits)) {
		text, ok := p.Traits[name].(string)
		if !ok {
			raw, err := json.Marshal(p.Traits[name])
			if err != nil {
				continue
			}
			text = string(raw)
		}
		line("TRAIT "+strings.ToUpper(printable(name)), text)
	}
	for _, a := range p.Verified {
		line("ADDRESS", a.Value+map[bool]string{true: " (verified)", false: " (not verified)"}[a.Verified])
	}
	for _, key := range []string{keyGroups, keyRoles} {
		held := map[string]json.RawMessage{metadataPublic: p.Public, metadataAdmin: p.Own}
		if m, _, err := memberPatch(held, key, slices.Clone); err == nil && len(m.Was) > 0 {
			line(strings.ToUpper(key), printable(strings.Join(m.Was, ", ")))
		}
	}
	line("OF", declare.Owner(p.Own))
	line("MADE", p.Made)
	line("CHANGED", p.Changed)
	w.Flush() //nolint:errcheck // as for any print
}
