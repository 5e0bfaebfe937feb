package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/declare"
)

// The claims that are built of metadata, which set-groups and set-roles write.
const (
	keyGroups = "groups"
	keyRoles  = "roles"
)

// member is what came of it.
type member struct {
	ID string `json:"id"`
	// In is where it stands: metadata_public, or metadata_admin, which comes first where both have it.
	In      string   `json:"in"`
	Was     []string `json:"was"`
	Is      []string `json:"is"`
	Revoked bool     `json:"revoked"`
}

func (a *app) identityGroups() *cobra.Command {
	return a.membership(keyGroups, "group", `Set the groups of a person, which applications get as the claim groups with the scope of that name, and which
decide at forward-auth. All that are named take the place of those there were; --add and --remove change some.
Everything else in the metadata stays. Applications learn of it with the next refresh of a token or the next
sign-in, and forward-auth with the next request; --revoke ends what the person has now, at once.

They are kept in metadata_public, or in metadata_admin where an administrator has put them there before.`)
}

func (a *app) identityRoles() *cobra.Command {
	return a.membership(keyRoles, "role", `Set the roles of a person, which applications get as the claim roles with the scope of that name. All that are
named take the place of those there were; --add and --remove change some. Everything else in the metadata
stays. Applications learn of it with the next refresh of a token or the next sign-in; --revoke ends what the
person has now, at once.`)
}

func (a *app) membership(key, one, long string) *cobra.Command {
	var (
		add, remove               []string
		none, revoke, yes, forced bool
	)
	cmd := &cobra.Command{
		Use:   "set-" + key + " ID|IDENTIFIER [" + strings.ToUpper(one) + "...]",
		Short: "Set the " + key + " of somebody",
		Long:  long,
		Example: "  identityd identity set-" + key + " anna@example.com staff editors\n" +
			"  identityd identity set-" + key + " anna@example.com --add admins --json\n" +
			"  identityd identity set-" + key + " anna@example.com --remove admins --revoke --yes",
		Args: exactArgs(cobra.MinimumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		change, err := membersOf(one, args[1:], add, remove, none)
		if err != nil {
			return &usageError{err}
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
		if owner := declare.Owner(p.Own); owner != "" && !forced {
			return fmt.Errorf("identity %s belongs to %s (identities): set its %s there, or with --force here, where it is drift that identityd apply takes back",
				p.ID, owner, key)
		}
		if revoke {
			if err := a.confirm(cmd, yes, "end every session and token of "+printable(p.identifier())); err != nil {
				return err
			}
		}
		done, err := setMembers(cmd.Context(), d, p.ID, key, change)
		if err != nil {
			return fmt.Errorf("setting the %s of %s: %w", key, p.ID, err)
		}
		if revoke {
			if err := revokeAll(cmd.Context(), d, p.ID); err != nil {
				return fmt.Errorf("the %s of %s are set, but ending what it has: %w; run it again", key, p.ID, err)
			}
			done.Revoked = true
		}
		return a.show(*asJSON, done, func(out io.Writer) {
			fmt.Fprintf(out, "%s of %s: %s\n", key, p.ID, orDash(strings.Join(done.Is, ", ")))
			if done.In == metadataAdmin {
				fmt.Fprintf(out, "in metadata_admin, where they were before\n")
			}
			if revoke {
				fmt.Fprintf(out, "all sessions and tokens ended\n")
			}
		})
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	f := cmd.Flags()
	f.StringSliceVar(&add, "add", nil, "add these `"+key+"` to those there are; repeatable")
	f.StringSliceVar(&remove, "remove", nil, "take these `"+key+"` away; repeatable")
	f.BoolVar(&none, "none", false, "take all away")
	f.BoolVar(&revoke, "revoke", false, "end all sessions and tokens of the person as well")
	f.BoolVar(&yes, "yes", false, "do not ask")
	f.BoolVar(&forced, "force", false, "set them though a file declares the person")
	return cmd
}

// membersOf reads the arguments and returns what makes of a list the one that is wanted.
func membersOf(one string, all, add, remove []string, none bool) (func([]string) []string, error) {
	for _, list := range [][]string{all, add, remove} {
		for _, name := range list {
			if why := badMember(name); why != "" {
				return nil, fmt.Errorf("a %s %s (got %q)", one, why, name)
			}
		}
	}
	changes := len(add)+len(remove) > 0
	switch {
	case len(all) > 0 && (changes || none), changes && none:
		return nil, fmt.Errorf("name every %s, or what to --add and --remove, or say --none; not two of these", one)
	case len(all) > 0 || none:
		return func([]string) []string { return unique(all) }, nil
	case !changes:
		return nil, fmt.Errorf("name the %ss, or what to --add and --remove, or say --none", one)
	}
	return func(was []string) []string {
		out := unique(append(slices.Clone(was), add...))
		return slices.DeleteFunc(out, func(name string) bool { return slices.Contains(remove, name) })
	}, nil
}

// badMember says what is wrong with the name of a group. Proxies are told all of them in one header, with
// commas between (docs/forward-auth.md).
func badMember(name string) string {
	switch {
	case strings.TrimSpace(name) != name || name == "":
		return "must not be empty, nor begin or end with a space"
	case len(name) > 200:
		return "must have at most 200 bytes"
	case strings.Contains(name, ","):
		return "must not have a comma in it, which is between groups"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "must be printable text"
	}
	return ""
}

func unique(list []string) []string {
	out := []string{}
	for _, name := range list {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// The parts of metadata. What only administrators see decides where both have a key (internal/claims).
const (
	metadataPublic = "metadata_public"
	metadataAdmin  = "metadata_admin"
)

// setMembers changes one list in the metadata by a patch that names nothing else. Kratos takes no patch that
// says what there has to be before (docs/ory-quirks.md#q196): of two changes in the same moment one may be lost.
func setMembers(ctx context.Context, d *admin, id, key string, change func([]string) []string) (member, error) {
	var raw map[string]json.RawMessage
	if err := d.Kratos().Call(ctx, http.MethodGet, "/admin/identities/"+id, nil, &raw); err != nil {
		return member{}, err
	}
	done, patch, err := memberPatch(raw, key, change)
	done.ID = id
	if err != nil || slices.Equal(done.Was, done.Is) {
		return done, err
	}
	return done, d.Kratos().Call(ctx, http.MethodPatch, "/admin/identities/"+id, patch, nil)
}

// patchStep is one operation of RFC 6902.
type patchStep struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

func memberPatch(raw map[string]json.RawMessage, key string, change func([]string) []string) (member, []patchStep, error) {
	done := member{In: metadataPublic, Was: []string{}}
	held := map[string]map[string]json.RawMessage{}
	for _, part := range []string{metadataPublic, metadataAdmin} {
		var one map[string]json.RawMessage
		if err := json.Unmarshal(orNull(raw[part]), &one); err != nil {
			return member{}, nil, fmt.Errorf("%s is no object; identityd identity get shows it", part)
		}
		held[part] = one
	}
	if _, there := held[metadataAdmin][key]; there {
		done.In = metadataAdmin
	}
	if list, there := held[done.In][key]; there && string(list) != "null" {
		if err := json.Unmarshal(list, &done.Was); err != nil {
			return member{}, nil, errors.New(done.In + "." + key + " is no list of texts; correct it by Kratos' admin API first")
		}
	}
	done.Is = change(done.Was)
	at := "/" + done.In
	if held[done.In] == nil {
		return done, []patchStep{{"add", at, map[string]any{key: done.Is}}}, nil
	}
	return done, []patchStep{{"add", at + "/" + key, done.Is}}, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// revokeAll ends all access of a person.
func revokeAll(ctx context.Context, d *admin, id string) error {
	return d.Kratos().Call(ctx, http.MethodPost, "/admin/identityd/identities/"+id+"/revoke", nil, nil)
}
