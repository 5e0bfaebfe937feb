package charttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const (
	chart  = "../../deploy/helm/identityd"
	plain  = "../../deploy/kubernetes"
	serves = "server" // app.kubernetes.io/component of the pods
)

// object is one manifest: what tests ask of all kinds, and the rest as it came.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	raw any
}

// into reads the object as a type of the test's.
func (o object) into(t *testing.T, to any) {
	t.Helper()
	raw, err := json.Marshal(o.raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		t.Fatalf("%s %s: %v", o.Kind, o.Metadata.Name, err)
	}
}

// set is what one file of values renders.
type set struct {
	name    string
	objects []object
}

func (s set) kind(kind string) []object {
	var out []object
	for _, o := range s.objects {
		if o.Kind == kind {
			out = append(out, o)
		}
	}
	return out
}

// one is the only object of a kind.
func (s set) one(t *testing.T, kind, name string) object {
	t.Helper()
	for _, o := range s.kind(kind) {
		if o.Metadata.Name == name {
			return o
		}
	}
	t.Fatalf("%s: no %s %s", s.name, kind, name)
	return object{}
}

// rendered are the sets of the chart, and the plain ones.
func rendered(t *testing.T) []set {
	t.Helper()
	var out []set
	for _, pattern := range []string{"testdata/rendered/*.yaml", plain + "/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(file) == "kustomization.yaml" {
				continue
			}
			name := strings.TrimSuffix(filepath.Base(file), ".yaml")
			if strings.HasPrefix(file, plain) {
				name = "plain " + filepath.Base(filepath.Dir(file))
			}
			objects := read(t, file)
			if n := len(out); n > 0 && out[n-1].name == name {
				out[n-1].objects = append(out[n-1].objects, objects...)
				continue
			}
			out = append(out, set{name, objects})
		}
	}
	if len(out) < 8 {
		t.Fatalf("got %d sets, want those of examples and the two plain ones", len(out))
	}
	return out
}

func named(t *testing.T, name string) set {
	t.Helper()
	for _, s := range rendered(t) {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("nothing is rendered from %s", name)
	return set{}
}

func read(t *testing.T, file string) []object {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []object
	for d := yaml.NewDecoder(bytes.NewReader(raw)); ; {
		var v any
		if err := d.Decode(&v); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if v == nil {
			continue
		}
		o := object{raw: v}
		o.into(t, &o)
		o.raw = v
		out = append(out, o)
	}
}
