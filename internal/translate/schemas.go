package translate

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

var schemaName = regexp.MustCompile(`[^a-z0-9_-]+`)

// schemas takes the identity schemas over: as a preset where one is the same, else in a file.
func (d *draft) schemas() {
	list, _ := d.get(kratos, "identity.schemas").([]any)
	preferred := d.str(kratos, "identity.default_schema_id")
	if preferred == "" {
		preferred = "default"
	}
	names := map[string]string{}
	for _, one := range list {
		m, _ := one.(map[string]any)
		id, address := text(m["id"]), text(m["url"])
		data, ok := d.schema(id, address, len(list) == 1 || id == preferred)
		if !ok {
			continue
		}
		if id == preferred && bare(data) && d.in.Presets["email"] != nil {
			names[id] = "email"
			d.note("identity.schema", "is the preset email, because the schema %q names no trait that people sign in with (ory.sh/kratos), so that nobody could", id)
			continue
		}
		// Accounts name their schema by its id, so that a preset is only for those that bring none, or have its id,
		// which identityd eject wrote with its version.
		if preset := d.preset(data); preset != "" && (id == preset || id == preset+"@1" || id == preferred && d.fresh()) {
			names[id] = preset
			continue
		}
		name := strings.Trim(schemaName.ReplaceAllString(strings.ToLower(id), "-"), "-_")
		if name == "default" && id == preferred {
			d.set("identity.schema", "file://"+d.file("identity."+name+".schema.json", data, false))
			names[id] = "set"
			continue
		}
		if name == "" || name == "default" || slices.Contains([]string{"email", "username"}, name) {
			name = strings.Trim("old-"+name, "-")
		}
		if name != id {
			d.note("identity.schemas."+name, "was called %q, which cannot be a name here. Accounts in the database carry the old one: see docs/importing.md "+
				"before serving from it", id)
		}
		d.set("identity.schemas."+name, "file://"+d.file("identity."+name+".schema.json", data, false))
		names[id] = name
	}
	switch name := names[preferred]; {
	case name == "set":
	case name != "":
		d.set("identity.schema", name)
	case len(list) > 0:
		d.problems.add(d.values[kratos]["identity.schemas"].source, "identity.default_schema_id", "is %q, and no schema of that id could be read", preferred)
	case d.in.IdentitySchema != nil:
		data := d.in.IdentitySchema.Data
		if bare(data) {
			d.set("identity.schema", "email")
			d.note("identity.schema", "is the preset email, because the schema names no trait that people sign in with (ory.sh/kratos), so that nobody could")
			return
		}
		if preset := d.preset(data); preset != "" {
			d.set("identity.schema", preset)
			return
		}
		d.set("identity.schema", "file://"+d.file("identity.default.schema.json", data, false))
	}
}

// fresh reports whether there are no accounts to take along.
func (d *draft) fresh() bool {
	dsn := d.str(kratos, "dsn")
	return dsn == "" || dsn == "memory" || strings.Contains(dsn, ":memory:") || strings.Contains(dsn, "mode=memory")
}

// schema reads what an address names, or takes the file that was given for it.
func (d *draft) schema(id, address string, main bool) ([]byte, bool) {
	source := d.values[kratos]["identity.schemas"].source
	if main && d.in.IdentitySchema != nil {
		return d.in.IdentitySchema.Data, d.isJSON(source, id, d.in.IdentitySchema.Data)
	}
	if encoded, ok := strings.CutPrefix(address, "base64://"); ok {
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			d.problems.add(source, "identity.schemas", "has base64:// that cannot be read, for the id %q", id)
			return nil, false
		}
		return data, d.isJSON(source, id, data)
	}
	data, err := d.in.Open(address)
	if err != nil {
		d.problems.add(source, "identity.schemas", "names %s for the id %q, which cannot be read (%v); give the file as an argument of its own", address, id, err)
		return nil, false
	}
	return data, d.isJSON(source, id, data)
}

func (d *draft) isJSON(source, id string, data []byte) bool {
	if json.Valid(data) {
		return true
	}
	d.problems.add(source, "identity.schemas", "has a schema that is no JSON, for the id %q", id)
	return false
}

// preset returns the name of the preset that says the same.
func (d *draft) preset(data []byte) string {
	for name, raw := range d.in.Presets {
		if reflect.DeepEqual(essence(data), essence(raw)) {
			return name
		}
	}
	return ""
}

// essence leaves out what judges nobody: names and titles.
func essence(raw []byte) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return withoutNames(v, true)
}

func withoutNames(v any, keyword bool) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for name, one := range m {
		if keyword && slices.Contains([]string{"$id", "$schema", "title", "description", "$comment"}, name) {
			continue
		}
		out[name] = withoutNames(one, name != "properties")
	}
	return out
}

// bare reports whether a schema has an email, perhaps a name, and nothing that Kratos knows people by, as first
// steps have it.
func bare(raw []byte) bool {
	var schema struct {
		Properties struct {
			Traits struct {
				Properties map[string]any `json:"properties"`
			} `json:"traits"`
		} `json:"properties"`
	}
	if json.Unmarshal(raw, &schema) != nil || strings.Contains(string(raw), "ory.sh/kratos") {
		return false
	}
	traits := schema.Properties.Traits.Properties
	for name := range traits {
		if name != "email" && name != "name" {
			return false
		}
	}
	return traits["email"] != nil
}
