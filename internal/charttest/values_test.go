package charttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func valuesSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join(chart, "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func values(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func text(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := filepath.Glob(pattern)
	if err != nil || len(out) == 0 {
		t.Fatalf("got %d files of %s, %v", len(out), pattern, err)
	}
	return out
}

func TestTheSchemaOfValues(t *testing.T) {
	s := valuesSchema(t)
	for _, file := range append(files(t, filepath.Join(chart, "examples", "*.yaml")), filepath.Join(chart, "values.yaml")) {
		if err := s.Validate(values(t, text(t, file))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for bad, where := range map[string]string{
		"replicas: two":                                    "/replicas",
		"replica: 2":                                       "'replica' not allowed",
		"image: {tag: a b}":                                "/image/tag",
		"image: {tags: v1}":                                "'tags' not allowed",
		"secrets: {existingSecret: Upper_Case}":            "/secrets/existingSecret",
		"config: {origin: http://id.example.com}":          "/config/origin",
		"config: {origin: https://id.example.com/a}":       "/config/origin",
		"config: {shutdown: {prestop: 5}}":                 "/config/shutdown/prestop",
		"config: {shutdown: {prestop: soon}}":              "/config/shutdown/prestop",
		"config: {proxy: {trusted: 10.0.0.0/8}}":           "/config/proxy/trusted",
		"config: {clients: {a: b}}":                        "/config/clients",
		"files: {stack.yaml: a}":                           "stack.yaml",
		"files: {a/b: c}":                                  "a/b",
		"service: {type: ExternalName}":                    "/service/type",
		"networkPolicy: {admin: {from: [{namespace: a}]}}": "/networkPolicy/admin/from/0",
		"networkPolicy: {admin: {from: [{}]}}":             "/networkPolicy/admin/from/0",
		"networkPolicy: {egress: {smtpPorts: [0]}}":        "/networkPolicy/egress/smtpPorts/0",
		"autoscaling: {minReplicas: 1}":                    "/autoscaling/minReplicas",
		"metrics: {serviceMonitor: {interval: 30}}":        "/metrics/serviceMonitor/interval",
		"persistence: {size: big}":                         "/persistence/size",
		"terminationGracePeriodSeconds: 30s":               "/terminationGracePeriodSeconds",
		"migration: {activeDeadlineSeconds: 5}":            "/migration/activeDeadlineSeconds",
		"ingress: {hosts: [id.example.com]}":               "'hosts' not allowed",
		"httpRoute: {parentRefs: [{namespace: a}]}":        "/httpRoute/parentRefs/0",
		"admin: {enabled: yes please}":                     "/admin/enabled",
	} {
		err := s.Validate(values(t, bad))
		if err == nil || !strings.Contains(err.Error(), where) {
			t.Errorf("%s: got %v, want it refused at %s", bad, err, where)
		}
	}
}

// TestEveryWordOfTheSchemaIsExplained: values.yaml is the reference that people read.
func TestEveryWordOfTheSchemaIsExplained(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(text(t, filepath.Join(chart, "values.schema.json"))), &schema); err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := yaml.Unmarshal([]byte(text(t, filepath.Join(chart, "values.yaml"))), &v); err != nil {
		t.Fatal(err)
	}
	var compare func(path string, schema map[string]any, v any)
	compare = func(path string, schema map[string]any, v any) {
		if path == ".config" || schema["additionalProperties"] != false {
			return
		}
		m, ok := v.(map[string]any)
		if !ok {
			t.Errorf("%s is %v in values.yaml, want a section", path, v)
			return
		}
		properties := schema["properties"].(map[string]any)
		for key, inner := range properties {
			if _, there := m[key]; !there && path+"."+key != ".global" { // Helm's own
				t.Errorf("%s.%s is in the schema, and not in values.yaml", path, key)
			} else if there {
				compare(path+"."+key, inner.(map[string]any), m[key])
			}
		}
		for key := range m {
			if properties[key] == nil {
				t.Errorf("%s.%s is in values.yaml, and not in the schema", path, key)
			}
		}
	}
	compare("", schema, v)
}

// TestWhatIsRefusedSaysTheCure: every file of testdata/refused has what Helm said.
func TestWhatIsRefusedSaysTheCure(t *testing.T) {
	all := files(t, "testdata/refused/*.yaml")
	for _, file := range all {
		said := text(t, strings.TrimSuffix(file, ".yaml")+".txt")
		bySchema := strings.HasPrefix(said, "Error: values don't meet")
		if got := valuesSchema(t).Validate(values(t, text(t, file))) != nil; got != bySchema {
			t.Errorf("%s: refused by the schema: %v, and Helm said %q", file, got, said)
		}
		if !bySchema && !strings.Contains(said, "must ") && !strings.Contains(said, "; ") && !strings.Contains(said, ": write ") {
			t.Errorf("%s: %q has no cure", file, said)
		}
	}
	if len(all) < 25 {
		t.Errorf("got %d refusals", len(all))
	}
}
