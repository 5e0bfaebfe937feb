package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	"github.com/ory/jsonschema/v3"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/peoplefile"
)

// mostImported bounds how many people are taken at once. Kratos inserts them in a statement for each table.
const mostImported = 500

// What became of a person of an import.
const (
	outcomeCreated   = "created"
	outcomeUpdated   = "updated"
	outcomeUnchanged = "unchanged"
	outcomeRefused   = "refused"
)

// imported is what became of one person.
type imported struct {
	Line    int    `json:"line"`
	Outcome string `json:"outcome"`
	ID      string `json:"id,omitempty"`
	// Changed are what differed; Kept is what did not follow the file, because the person changed it since.
	Changed []string           `json:"changed,omitempty"`
	Kept    []string           `json:"kept,omitempty"`
	Faults  []peoplefile.Fault `json:"faults,omitempty"`
}

func (i *imported) refuse(field, reason string) {
	i.Outcome, i.ID = outcomeRefused, ""
	f := peoplefile.Fault{Line: i.Line, Field: field, Reason: reason}
	if !slices.Contains(i.Faults, f) { // a schema and its extensions say the same of an address
		i.Faults = append(i.Faults, f)
	}
}

// importing is one person on the way in.
type importing struct {
	in peoplefile.Person
	*imported
	// known is what an earlier import said, nil for somebody new.
	known *externalID
	who   *kidentity.Identity
	with  *validators
}

// importPeople takes people who come from elsewhere. Who came before, by the external id, is changed in what the
// file says otherwise than the last time, and nowhere else. With dry_run everything is checked and nothing stored.
func (e *Engine) importPeople(r *http.Request) (any, error) {
	var asked struct {
		People []peoplefile.Person `json:"people"`
		DryRun bool                `json:"dry_run"`
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	if len(asked.People) > mostImported {
		return nil, herodot.ErrBadRequest.WithReasonf("These are too many people at once (got %d, at most %d).", len(asked.People), mostImported)
	}
	ctx := r.Context()
	list, with := make([]*importing, 0, len(asked.People)), &validators{e, map[string]*validator{}}
	for _, p := range asked.People {
		list = append(list, &importing{in: p, imported: &imported{Line: p.Line}, with: with})
	}
	if err := e.recall(ctx, list); err != nil {
		return nil, err
	}
	var fresh []*importing
	for _, i := range list {
		switch {
		case i.Outcome == outcomeRefused:
		case i.known != nil:
			if err := e.importAgain(ctx, i, asked.DryRun); err != nil {
				return nil, err
			}
		default:
			if e.build(i); i.Outcome != outcomeRefused {
				fresh = append(fresh, i)
			}
		}
	}
	var err error
	if asked.DryRun {
		err = e.tryOut(ctx, fresh)
	} else {
		err = e.importNew(ctx, fresh)
	}
	if err != nil {
		return nil, err
	}
	out := make([]*imported, 0, len(list))
	for _, i := range list {
		out = append(out, i.imported)
	}
	return map[string]any{"people": out}, nil
}

// recall finds who came before, and refuses whom the request has twice.
func (e *Engine) recall(ctx context.Context, list []*importing) error {
	byID := map[string]*importing{}
	var ids []string
	for _, i := range list {
		switch first := byID[i.in.ExternalID]; {
		case i.in.ExternalID == "":
			i.refuse("external_id", "must be set")
		case first != nil:
			i.refuse("external_id", fmt.Sprintf("is that of line %d already", first.Line))
		default:
			byID[i.in.ExternalID] = i
			ids = append(ids, i.in.ExternalID)
		}
	}
	known, err := e.externalIDs(ctx, ids)
	for _, k := range known {
		byID[k.ExternalID].known = &k
		byID[k.ExternalID].ID = k.IdentityID.String()
	}
	return err
}

// build makes the identity of somebody new.
func (e *Engine) build(i *importing) {
	who := kidentity.NewIdentity(first(i.in.Schema, e.cfg.DefaultSchema))
	id, err := uuid.NewV4()
	if err != nil {
		i.refuse("", "no id could be made")
		return
	}
	who.ID = id // the credentials of authenticator apps name it
	who.State = kidentity.State(first(i.in.State, string(kidentity.StateActive)))
	if i.in.CreatedAt != nil {
		who.CreatedAt = i.in.CreatedAt.UTC()
	}
	i.who = who
	for _, part := range saidOf(i.in) {
		if reason := i.put(part); reason != "" {
			i.refuse(part.name, reason)
		}
	}
	if !e.hasSchema(who.SchemaID) {
		i.refuse("schema_id", fmt.Sprintf("there is no identity schema of this name; there are %s (identity.schemas)", strings.Join(e.schemaIDs(), ", ")))
	}
	if err := who.State.IsValid(); err != nil {
		i.refuse("state", "must be active or inactive")
	}
}

// tryOut checks people as storing them would.
func (e *Engine) tryOut(ctx context.Context, list []*importing) error {
	for _, i := range list {
		e.check(ctx, i, nil)
	}
	list = slices.DeleteFunc(list, func(i *importing) bool { return i.Outcome == outcomeRefused })
	if err := e.refuseTaken(ctx, list); err != nil {
		return err
	}
	for _, i := range list {
		if i.Outcome == "" {
			i.Outcome = outcomeCreated
		}
	}
	return nil
}

// check says what the schema and our own rules refuse, without values.
func (*Engine) check(ctx context.Context, i *importing, before *kidentity.Identity) {
	err := i.with.validate(ctx, i.who)
	if err == nil {
		err = judge(i.who, before)
	}
	if err != nil {
		i.refuseFor(err)
	}
}

// refuseFor says why an engine refuses somebody, without values.
func (i *importing) refuseFor(err error) {
	for _, r := range refusedFor(err) {
		i.refuse(r.At, r.Reason)
	}
}

// refusedFor reads why an engine refuses somebody, without values.
func refusedFor(err error) []Refused {
	var (
		ours    *refusal
		invalid *jsonschema.ValidationError
	)
	switch {
	case errors.As(err, &ours):
		return []Refused{{strings.ReplaceAll(strings.TrimPrefix(ours.InstancePtr, "#/"), "/", "."), ours.Message}}
	case errors.As(err, &invalid):
		return reasons(invalid)
	case errors.Is(err, sqlcon.ErrUniqueViolation):
		return []Refused{{"", reasonTaken}}
	}
	return []Refused{{"", "Kratos refuses this person"}}
}

const reasonTaken = "somebody else has its address, name, or account elsewhere already; identityd identity get ADDRESS shows who"

// importNew stores people, and what they are called elsewhere, in one transaction.
func (e *Engine) importNew(ctx context.Context, list []*importing) error {
	for _, i := range list {
		e.check(ctx, i, nil)
	}
	list = slices.DeleteFunc(list, func(i *importing) bool { return i.Outcome == outcomeRefused })
	if len(list) == 0 {
		return nil
	}
	err := e.registry.Persister().Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		failed := &kidentity.CreateIdentitiesError{}
		all := make([]*kidentity.Identity, 0, len(list))
		for _, i := range list {
			i.Outcome, i.Faults = "", nil // a transaction may run twice
			all = append(all, i.who)
		}
		err := e.registry.PrivilegedIdentityPool().CreateIdentities(ctx, all...)
		if err != nil && !errors.As(err, &failed) {
			return err
		}
		var rows []externalID
		for _, i := range list {
			if bad := failed.Find(i.who); bad != nil {
				i.refuseFor(bad.Error)
				continue
			}
			i.Outcome, i.ID = outcomeCreated, i.who.ID.String()
			rows = append(rows, externalID{ExternalID: i.in.ExternalID, IdentityID: i.who.ID, Digests: digests(i.who.ID, i.in)})
		}
		return rememberExternal(tx, rows, time.Now())
	})
	switch {
	case errors.Is(sqlcon.HandleError(err), sqlcon.ErrUniqueViolation) && len(list) == 1:
		// Kratos looks for conflicts among several only.
		list[0].refuse("", reasonTaken)
		return nil
	case errors.Is(sqlcon.HandleError(err), sqlcon.ErrUniqueViolation):
		return herodot.ErrConflict.WithReason("Another import is bringing the same people.")
	case err != nil:
		return fmt.Errorf("storing people: %w", err)
	}
	return nil
}

// refuseTaken refuses people one of whose names is somebody else's, or whose address is.
func (e *Engine) refuseTaken(ctx context.Context, list []*importing) error {
	byName := map[string][]*importing{}
	for _, i := range list {
		names := namesOf(i.who)
		names = append(names, i.who.Credentials[kidentity.CredentialsTypeOIDC].Identifiers...)
		for _, name := range names {
			if len(byName[name]) > 0 && byName[name][0] != i {
				i.refuse("", fmt.Sprintf("line %d has the same address, name, or account elsewhere", byName[name][0].Line))
			}
			byName[name] = append(byName[name], i)
		}
	}
	if len(byName) == 0 {
		return nil
	}
	names := make([]any, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	p := e.registry.Persister()
	for _, query := range []string{
		"SELECT identifier AS name FROM identity_credential_identifiers WHERE nid = ? AND identifier IN (?)",
		"SELECT value AS name FROM identity_verifiable_addresses WHERE nid = ? AND via IN ('email', 'sms') AND value IN (?)",
		"SELECT value AS name FROM identity_recovery_addresses WHERE nid = ? AND via IN ('email', 'sms') AND value IN (?)",
	} {
		var taken []struct {
			Name string `db:"name"`
		}
		if err := p.GetConnection(ctx).RawQuery(query, p.NetworkID(ctx), names).All(&taken); err != nil {
			return fmt.Errorf("looking for people: %w", sqlcon.HandleError(err))
		}
		for _, t := range taken {
			for _, i := range byName[t.Name] {
				if i.Outcome != outcomeRefused {
					i.refuse("", reasonTaken)
				}
			}
		}
	}
	return nil
}

func (e *Engine) hasSchema(id string) bool { return slices.Contains(e.schemaIDs(), id) }

func (e *Engine) schemaIDs() []string {
	out := make([]string, 0, len(e.cfg.Schemas))
	for _, s := range e.cfg.Schemas {
		out = append(out, s.ID)
	}
	return out
}

// jsonOf encodes what came as JSON.
func jsonOf(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return raw
}
