package kratos

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/ory/x/sqlcon"
)

// listedSchema is an identity schema, without its text.
type listedSchema struct {
	ID      string `json:"id"`
	Default bool   `json:"default"`
	// Traits are the paths of the traits that it knows, such as email and name.first.
	Traits []string `json:"traits"`
	People int      `json:"people"`
}

// listSchemas says which schemas there are, what they know, and how many people have each.
func (e *Engine) listSchemas(r *http.Request) (any, error) {
	ctx, p := r.Context(), e.registry.Persister()
	var counts []struct {
		ID string `db:"schema_id"`
		N  int    `db:"n"`
	}
	err := p.GetConnection(ctx).RawQuery("SELECT schema_id, COUNT(*) AS n FROM identities WHERE nid = ? GROUP BY schema_id", p.NetworkID(ctx)).All(&counts)
	if err != nil {
		return nil, fmt.Errorf("counting people: %w", sqlcon.HandleError(err))
	}
	people := map[string]int{}
	for _, c := range counts {
		people[c.ID] = c.N
	}
	out := []listedSchema{}
	for _, s := range e.cfg.Schemas {
		out = append(out, listedSchema{ID: s.ID, Default: s.ID == e.cfg.DefaultSchema, Traits: traitPaths(s.Raw), People: people[s.ID]})
		delete(people, s.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(people)) {
		out = append(out, listedSchema{ID: id, Traits: []string{}, People: people[id]}) // a schema that is gone
	}
	return map[string]any{"schemas": out}, nil
}

// traitPaths are the names of traits, those within others after a dot.
func traitPaths(raw []byte) []string {
	type node struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	out := []string{}
	var walk func(before string, raw json.RawMessage)
	walk = func(before string, raw json.RawMessage) {
		var n node
		if json.Unmarshal(raw, &n) != nil {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
			var within node
			if json.Unmarshal(n.Properties[name], &within) == nil && len(within.Properties) > 0 {
				walk(before+name+".", n.Properties[name])
				continue
			}
			out = append(out, before+name)
		}
	}
	var whole node
	if json.Unmarshal(raw, &whole) == nil {
		walk("", whole.Properties["traits"])
	}
	return out
}
