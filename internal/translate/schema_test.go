package translate

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	hydraspec "github.com/ory/hydra/v2/spec"
	"github.com/ory/kratos/embedx"
	"github.com/ory/x/logrusx"
	"github.com/ory/x/otelx"

	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

// schemaWalker lists the leaves of a JSON schema.
type schemaWalker struct {
	others map[string]any // by $id
	out    map[string]map[string]bool
}

func leavesOf(t *testing.T, raw string) map[string]string {
	t.Helper()
	w := &schemaWalker{others: map[string]any{}, out: map[string]map[string]bool{}}
	for _, other := range []string{otelx.ConfigSchema, logrusx.ConfigSchema} {
		doc := decoded(t, other)
		w.others[doc["$id"].(string)] = doc
	}
	doc := decoded(t, raw)
	w.visit("", doc, doc, nil)
	out := map[string]string{}
	for path, types := range w.out {
		out[path] = strings.Join(slices.Sorted(maps.Keys(types)), ",")
	}
	return out
}

func decoded(t *testing.T, raw string) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func (w *schemaWalker) visit(path string, v, root any, via []string) {
	n, ok := v.(map[string]any)
	if !ok {
		return
	}
	if ref, ok := n["$ref"].(string); ok && !slices.Contains(via, ref) {
		base, fragment, _ := strings.Cut(ref, "#")
		at := root
		if base != "" {
			at = w.others[base]
			root = at
		}
		for name := range strings.SplitSeq(strings.Trim(fragment, "/"), "/") {
			if m, ok := at.(map[string]any); ok && name != "" {
				at = m[name]
			}
		}
		w.visit(path, at, root, append(slices.Clone(via), ref))
	}
	for _, word := range []string{"allOf", "oneOf", "anyOf"} {
		list, _ := n[word].([]any)
		for _, one := range list {
			w.visit(path, one, root, via)
		}
	}
	for _, word := range []string{"then", "else"} {
		w.visit(path, n[word], root, via)
	}
	properties, _ := n["properties"].(map[string]any)
	for name, one := range properties {
		w.visit(strings.TrimPrefix(path+"."+name, "."), one, root, via)
	}
	w.visit(path+"[]", n["items"], root, via)
	w.visit(path+".*", n["additionalProperties"], root, via)
	patterns, _ := n["patternProperties"].(map[string]any)
	for _, one := range patterns {
		w.visit(path+".*", one, root, via)
	}
	if _, isRef := n["$ref"]; len(properties) > 0 || isRef {
		return
	}
	for _, name := range typesOf(n) {
		if w.out[path] == nil {
			w.out[path] = map[string]bool{}
		}
		w.out[path][name] = true
	}
}

func typesOf(n map[string]any) []string {
	switch t := n["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var out []string
		for _, one := range t {
			out = append(out, one.(string))
		}
		return out
	}
	if n["enum"] != nil || n["const"] != nil {
		return []string{"string"}
	}
	return nil
}

func engineLeaves(t *testing.T, engine string) map[string]string {
	t.Helper()
	raw := embedx.ConfigSchema
	if engine == hydra {
		raw = string(hydraspec.ConfigValidationSchema)
	}
	return leavesOf(t, raw)
}

// TestEveryKeyOfTheEnginesHasARule walks the schemas that the engines judge their settings by: a key that the
// import knows nothing of would be lost, or called a mistake.
func TestEveryKeyOfTheEnginesHasARule(t *testing.T) {
	for _, engine := range []string{hydra, kratos} {
		t.Run(engine, func(t *testing.T) {
			want := engineLeaves(t, engine)
			if *update {
				var b strings.Builder
				for _, path := range slices.Sorted(maps.Keys(want)) {
					b.WriteString(path + " " + want[path] + "\n")
				}
				if err := os.WriteFile("known_"+engine+".txt", []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, catalogOf(engine).types); diff != "" {
				t.Errorf("known_%s.txt is not what the engine's schema has (-schema +file); run the test with -update:\n%s", engine, diff)
			}
			for path := range want {
				if _, ok := ruleFor(engine, path); !ok {
					t.Errorf("%s has no rule", path)
				}
			}
		})
	}
}
