package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"
)

// mostChecked bounds how many people one request looks at.
const mostChecked = 1000

// refusedPerson is somebody whom a schema does not take. Nothing of theirs is in it.
type refusedPerson struct {
	Identity string `json:"identity"`
	// At points to the trait, empty for the person as a whole.
	At     string `json:"at"`
	Reason string `json:"reason"`
}

// checkSchema holds one page of people against a schema: one of those in force, or one that comes along.
func (e *Engine) checkSchema(r *http.Request) (any, error) {
	var asked struct {
		Schema string            `json:"schema_id"`
		Raw    json.RawMessage   `json:"schema"`
		From   string            `json:"from"`
		Map    map[string]string `json:"map"`
		After  string            `json:"after"`
		Limit  int               `json:"limit"`
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	raw := []byte(asked.Raw)
	if len(raw) == 0 {
		i := slices.IndexFunc(e.cfg.Schemas, func(s Schema) bool { return s.ID == asked.Schema })
		if i < 0 {
			return nil, e.noSchema(asked.Schema)
		}
		raw = e.cfg.Schemas[i].Raw
	} else if foreign(raw) {
		return nil, herodot.ErrBadRequest.WithReason("The schema may refer to what is within it alone ($ref beginning with #).")
	}
	check, err := traitsCheck(raw)
	if err != nil {
		return nil, herodot.ErrBadRequest.WithReasonf("The schema cannot be used: %s.", err)
	}
	page, err := e.peopleAfter(r.Context(), asked.From, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}
	faults, next := []refusedPerson{}, ""
	for _, p := range page {
		next = p.ID.String()
		traits, err := remapped(p.Traits, asked.Map)
		if err != nil {
			faults = append(faults, refusedPerson{next, "traits", err.Error()})
			continue
		}
		faults = append(faults, faultsOf(next, check(traits))...)
	}
	return map[string]any{"checked": len(page), "faults": faults, "next": next}, nil
}

func faultsOf(id string, refused []Refused) (out []refusedPerson) {
	for _, r := range refused {
		if f := (refusedPerson{id, r.At, r.Reason}); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// somebody is what a schema is about.
type somebody struct {
	ID     uuid.UUID        `db:"id"`
	Traits kidentity.Traits `db:"traits"`
}

// peopleAfter reads a page of people, of one schema or of all, in the order of their ids.
func (e *Engine) peopleAfter(ctx context.Context, schema, after string, limit int) ([]somebody, error) {
	if limit < 1 || limit > mostChecked {
		return nil, herodot.ErrBadRequest.WithReasonf("The limit has to be between 1 and %d (got %d).", mostChecked, limit)
	}
	p := e.registry.Persister()
	query, args := "SELECT id, traits FROM identities WHERE nid = ?", []any{p.NetworkID(ctx)}
	if after != "" {
		id, err := uuid.FromString(after)
		if err != nil {
			return nil, herodot.ErrBadRequest.WithReason("after has to be the id of an identity.")
		}
		query, args = query+" AND id > ?", append(args, id)
	}
	if schema != "" {
		query, args = query+" AND schema_id = ?", append(args, schema)
	}
	var out []somebody
	err := p.GetConnection(ctx).RawQuery(query+fmt.Sprintf(" ORDER BY id LIMIT %d", limit), args...).All(&out)
	if err != nil {
		return nil, fmt.Errorf("reading people: %w", sqlcon.HandleError(err))
	}
	return out, nil
}

func (e *Engine) noSchema(id string) error {
	return herodot.ErrBadRequest.WithReasonf("There is no identity schema %q; there are %s (identity.schemas of stack.yaml).", id, strings.Join(e.schemaIDs(), ", "))
}

// foreign reports whether a schema refers to something outside of it, which Kratos would fetch.
func foreign(raw []byte) bool {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return true
	}
	var look func(any) bool
	look = func(v any) bool {
		switch x := v.(type) {
		case map[string]any:
			if ref, ok := x["$ref"].(string); ok && !strings.HasPrefix(ref, "#") {
				return true
			}
			for _, one := range x {
				if look(one) {
					return true
				}
			}
		case []any:
			return slices.ContainsFunc(x, look)
		}
		return false
	}
	return look(v)
}
