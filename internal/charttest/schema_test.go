package charttest

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are those of Kubernetes, the Gateway API and Prometheus' operator (tools/kubernetes-schemas.py), by group/version/kind.
func schemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	raw, err := os.Open("testdata/schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	doc, err := jsonschema.UnmarshalJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	if err := c.AddResource("mem:///schemas.json", doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]*jsonschema.Schema{}
	for kind := range doc.(map[string]any)["kinds"].(map[string]any) {
		s, err := c.Compile("mem:///schemas.json#/kinds/" + strings.ReplaceAll(kind, "/", "~1"))
		if err != nil {
			t.Fatal(err)
		}
		out[kind] = s
	}
	return out
}

// validate reports what the schema of an object's kind says against it.
func validate(t *testing.T, all map[string]*jsonschema.Schema, o object) error {
	t.Helper()
	s, known := all[o.APIVersion+"/"+o.Kind]
	if !known {
		t.Fatalf("%s %s: no schema of %s; add it to tools/kubernetes-schemas.py", o.Kind, o.Metadata.Name, o.APIVersion)
	}
	raw, err := json.Marshal(o.raw)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestEveryObjectIsOneThatKubernetesTakes(t *testing.T) {
	all, used := schemas(t), map[string]bool{}
	for _, s := range rendered(t) {
		t.Run(s.name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, o := range s.objects {
				used[o.APIVersion+"/"+o.Kind] = true
				if err := validate(t, all, o); err != nil {
					t.Errorf("%s %s: %v", o.Kind, o.Metadata.Name, err)
				}
				id := o.Kind + "/" + o.Metadata.Name
				if seen[id] || len(o.Metadata.Name) > 63 {
					t.Errorf("%s is there twice, or too long", id)
				}
				seen[id] = true
				for key, value := range o.Metadata.Labels {
					if len(value) > 63 {
						t.Errorf("%s: the label %s has %d bytes, want 63 at the most", id, key, len(value))
					}
				}
			}
		})
	}
	for kind := range all {
		if !used[kind] {
			t.Errorf("nothing renders %s, whose schema is here: render it in an example", kind)
		}
	}
}

// TestTheSchemasRefuse: what the test above goes by is not air.
func TestTheSchemasRefuse(t *testing.T) {
	all := schemas(t)
	for name, change := range map[string]func(spec map[string]any){
		"a misspelled field":          func(spec map[string]any) { spec["replica"] = 2 },
		"a text where a number goes":  func(spec map[string]any) { spec["replicas"] = "two" },
		"a selector that is missing":  func(spec map[string]any) { delete(spec, "selector") },
		"a misspelled field far down": func(spec map[string]any) { container(spec)["readinesProbe"] = map[string]any{} },
		"a port without a number":     func(spec map[string]any) { container(spec)["ports"] = []any{map[string]any{"name": "http"}} },
	} {
		t.Run(name, func(t *testing.T) {
			o := named(t, "postgres").one(t, "Deployment", "identityd")
			if err := validate(t, all, o); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			change(o.raw.(map[string]any)["spec"].(map[string]any))
			if err := validate(t, all, o); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func container(spec map[string]any) map[string]any {
	pod := spec["template"].(map[string]any)["spec"].(map[string]any)
	return pod["containers"].([]any)[0].(map[string]any)
}
