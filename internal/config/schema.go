package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Bounds of an identity schema. It describes a form, and is read at every sign-up.
const (
	largestSchema = 256 << 10
	deepestSchema = 32
)

// SchemaProblem returns what is wrong with an identity schema that is not in force, empty for nothing.
func SchemaProblem(raw []byte) string { return schemaProblem(raw) }

// schemaProblem returns what is wrong with an identity schema, empty for nothing. Kratos would fetch what
// a reference names, from files and from anywhere, and follow one that leads back to itself
// (docs/ory-quirks.md#q86).
func schemaProblem(raw []byte) string {
	if len(raw) > largestSchema {
		return fmt.Sprintf("must be at most %d KiB (got %d); it describes a form", largestSchema>>10, len(raw)>>10)
	}
	var root map[string]any
	if err := json.Unmarshal(raw, &root); err != nil || root == nil {
		return "must be a JSON object"
	}
	if v, set := root["$schema"]; set {
		if s, _ := v.(string); !strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "https"), "http"), "://json-schema.org/draft-0") {
			return fmt.Sprintf("must be of a draft that is built in (got $schema: %s); write http://json-schema.org/draft-07/schema#", show(v))
		}
	}
	w := schemaWalk{root: root}
	w.visit("#", root, nil)
	return w.problem
}

// schemaWalk goes through a schema and keeps the first thing that is wrong.
type schemaWalk struct {
	root    map[string]any
	problem string
	visited int
}

// visit looks at a value; via are the references that led to it.
func (w *schemaWalk) visit(at string, v any, via []string) {
	// References can be arranged so that each doubles what there is to see.
	const most = 20000
	if w.visited++; w.problem != "" {
		return
	}
	switch {
	case strings.Count(at, "/") > deepestSchema || len(via) > deepestSchema:
		w.problem = fmt.Sprintf("must be at most %d levels deep", deepestSchema)
		return
	case w.visited > most:
		w.problem = "must be smaller; its references repeat each other too often"
		return
	}
	switch x := v.(type) {
	case map[string]any:
		w.reference(at, x, via)
		w.recovery(at, x)
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if name != "$ref" && name != "enum" && name != "const" && name != "default" && name != "examples" {
				w.visit(at+"/"+name, x[name], via)
			}
		}
	case []any:
		for i, one := range x {
			w.visit(fmt.Sprintf("%s/%d", at, i), one, via)
		}
	}
}

func (w *schemaWalk) reference(at string, x map[string]any, via []string) {
	v, set := x["$ref"]
	ref, isText := v.(string)
	switch {
	case !set:
		return
	case strings.HasSuffix(at, "/properties"):
		return // a trait of that name
	case !isText || ref != "#" && !strings.HasPrefix(ref, "#/"):
		w.problem = fmt.Sprintf("must not refer to anything outside itself (got $ref: %s at %s), because it would be fetched from there; "+
			"copy it into definitions and write #/definitions/...", show(v), at)
		return
	case slices.Contains(via, ref) || at == ref || strings.HasPrefix(at, ref+"/"):
		w.problem = fmt.Sprintf("must not lead back to itself (got $ref: %s at %s); write out what the form has", quote(ref), at)
		return
	}
	target, ok := w.find(ref)
	if !ok {
		w.problem = fmt.Sprintf("must hold what it refers to (got $ref: %s at %s, which is nowhere in it)", quote(ref), at)
		return
	}
	w.visit(at, target, append(slices.Clone(via), ref))
}

func (w *schemaWalk) find(ref string) (any, bool) {
	var v any = w.root
	if ref == "#" {
		return v, true
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]; !ok {
			return nil, false
		}
	}
	return v, true
}

// recovery: whoever may change the address that a password can be recovered by may take the account over.
// Kratos asks for a fresh sign-in only for what is verified or signs in (docs/ory-quirks.md#q86).
func (w *schemaWalk) recovery(at string, x map[string]any) {
	ext, _ := x["ory.sh/kratos"].(map[string]any)
	if at == "#/properties/traits" || via(ext, "recovery") == "" {
		return
	}
	creds, _ := ext["credentials"].(map[string]any)
	for _, method := range []string{"password", "webauthn", "code"} {
		m, _ := creds[method].(map[string]any)
		if m["identifier"] == true {
			return
		}
	}
	if via(ext, "verification") == "" {
		w.problem = fmt.Sprintf("must verify what an account can be recovered by, or let people sign in with it (got recovery alone at %s), "+
			`because it could be changed without a fresh sign-in; add "verification": {"via": "email"}`, at)
	}
}

func via(ext map[string]any, word string) string {
	m, _ := ext[word].(map[string]any)
	s, _ := m["via"].(string)
	return s
}
