package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"
)

// migrateSchema moves one page of people from a schema to another: each in a transaction of their own, in which nobody
// else changes them. Credentials and addresses follow the new schema as Kratos has them follow a change of traits.
func (e *Engine) migrateSchema(r *http.Request) (any, error) {
	var asked struct {
		From   string            `json:"from"`
		To     string            `json:"to"`
		Map    map[string]string `json:"map"`
		After  string            `json:"after"`
		Limit  int               `json:"limit"`
		DryRun bool              `json:"dry_run"`
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	for _, id := range []string{asked.From, asked.To} {
		if !e.hasSchema(id) {
			return nil, e.noSchema(id)
		}
	}
	if asked.From == asked.To {
		return nil, herodot.ErrBadRequest.WithReason("These are the same schema.")
	}
	ctx := r.Context()
	page, err := e.peopleAfter(ctx, asked.From, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}
	moved, faults, next := 0, []refusedPerson{}, ""
	for _, p := range page {
		next = p.ID.String()
		refused, err := e.moveToSchema(ctx, p.ID, asked.From, asked.To, asked.Map, asked.DryRun)
		switch {
		case err != nil:
			return nil, err
		case len(refused) > 0:
			faults = append(faults, faultsOf(next, refused)...)
		default:
			moved++
		}
	}
	return map[string]any{"checked": len(page), "moved": moved, "faults": faults, "next": next}, nil
}

// errRefused rolls back what somebody is refused for.
var errRefused = errors.New("refused")

func (e *Engine) moveToSchema(
	ctx context.Context, id uuid.UUID, from, to string, mapped map[string]string, dryRun bool,
) (refused []Refused, err error) {
	err = e.registry.Persister().Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		refused = nil
		who, err := e.hold(ctx, tx, id)
		if errors.Is(err, sqlcon.ErrNoRows) {
			return nil // deleted meanwhile
		}
		if err != nil || who.SchemaID != from {
			return err // moved meanwhile
		}
		before := *who
		traits, err := remapped(who.Traits, mapped)
		if err != nil {
			refused = []Refused{{"traits", err.Error()}}
			return errRefused
		}
		who.Traits, who.SchemaID = traits, to
		if err := e.registry.IdentityManager().ValidateIdentity(ctx, who, &kidentity.ManagerOptions{ExposeValidationErrors: true}); err != nil {
			refused = refusedFor(err)
			return errRefused
		}
		if err := judge(who, &before); err != nil {
			refused = refusedFor(err)
			return errRefused
		}
		if dryRun {
			return e.takenByOthers(ctx, who, &refused)
		}
		return e.registry.PrivilegedIdentityPool().UpdateIdentity(ctx, who)
	})
	switch {
	case errors.Is(err, errRefused):
		return refused, nil
	case errors.Is(sqlcon.HandleError(err), sqlcon.ErrUniqueViolation):
		return []Refused{{"", reasonTaken}}, nil
	case err != nil:
		return nil, fmt.Errorf("moving a person to schema %s: %w", to, err)
	}
	return refused, nil
}

// takenByOthers says what storing somebody would meet.
func (e *Engine) takenByOthers(ctx context.Context, who *kidentity.Identity, refused *[]Refused) error {
	names := make([]any, 0, 4)
	for _, name := range namesOf(who) {
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil
	}
	p := e.registry.Persister()
	var taken struct {
		N int `db:"n"`
	}
	err := p.GetConnection(ctx).RawQuery(`SELECT COUNT(*) AS n FROM identity_credential_identifiers AS i
		INNER JOIN identity_credentials AS c ON c.id = i.identity_credential_id
		WHERE i.nid = ? AND c.identity_id <> ? AND i.identifier IN (?)`, p.NetworkID(ctx), who.ID, names).First(&taken)
	if err != nil {
		return fmt.Errorf("looking for people: %w", sqlcon.HandleError(err))
	}
	if taken.N > 0 {
		*refused = []Refused{{"", reasonTaken}}
	}
	return nil
}

// remapped renames traits, by paths with dots. One that goes to "-" is left out.
func remapped(traits []byte, mapped map[string]string) ([]byte, error) {
	if len(mapped) == 0 {
		return traits, nil
	}
	var all exact
	if err := json.Unmarshal(traits, &all); err != nil || all == nil {
		return nil, errors.New("they are no object")
	}
	moved := map[string]any{}
	for _, from := range slices.Sorted(maps.Keys(mapped)) {
		if v, ok := takePath(all, strings.Split(from, ".")); ok && mapped[from] != "-" {
			moved[mapped[from]] = v
		}
	}
	for _, to := range slices.Sorted(maps.Keys(moved)) {
		if err := putPath(all, strings.Split(to, "."), moved[to]); err != nil {
			return nil, fmt.Errorf("%s: %w", to, err)
		}
	}
	return jsonOf(map[string]any(all)), nil
}

// takePath removes what a path leads to, and objects that are empty then.
func takePath(from map[string]any, path []string) (any, bool) {
	v, ok := from[path[0]]
	if !ok {
		return nil, false
	}
	if len(path) == 1 {
		delete(from, path[0])
		return v, true
	}
	within, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	v, ok = takePath(within, path[1:])
	if ok && len(within) == 0 {
		delete(from, path[0])
	}
	return v, ok
}

// putPath sets what a path leads to, where nothing is yet.
func putPath(into map[string]any, path []string, v any) error {
	for _, name := range path[:len(path)-1] {
		within, ok := into[name].(map[string]any)
		if _, there := into[name]; there && !ok {
			return errors.New("what it would be in is a value")
		}
		if !ok {
			within = map[string]any{}
			into[name] = within
		}
		into = within
	}
	last := path[len(path)-1]
	if _, there := into[last]; there {
		return errors.New("there is one already")
	}
	into[last] = v
	return nil
}
