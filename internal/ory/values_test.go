package ory

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/x/configx"
)

// settings reads v by options, over a schema with a default in each place where v may be.
func settings(t *testing.T, options ...configx.OptionModifier) map[string]any {
	t.Helper()
	schema := []byte(`{"$id": "test", "type": "object", "properties": {
		"urls": {"type": "object", "properties": {"login": {"type": "string", "default": "http://d"}, "consent": {"type": "string", "default": "http://d"}}},
		"secrets": {"type": "object", "properties": {"system": {"type": "array", "items": {"type": "string"}}}},
		"count": {"type": "integer", "default": 3},
		"on": {"type": "boolean", "default": true}
	}}`)
	p, err := configx.New(t.Context(), schema, options...)
	if err != nil {
		t.Fatal(err)
	}
	return p.All()
}

func TestOneLayerOfValuesReadsAsTheirOwnLayers(t *testing.T) {
	v := Values{
		"urls.login": "http://ours", "secrets.system": []string{"a", "b"}, "count": 5, "on": false,
		"beyond.the.schema": map[string]any{"list": []any{map[string]any{"id": "x"}}},
	}
	one := settings(t, v.Options()...)
	each := settings(t, configx.WithValues(v), configx.DisableEnvLoading(), configx.WithStandardValidationReporter(io.Discard))
	if diff := cmp.Diff(each, one); diff != "" {
		t.Errorf("the settings differ (-a layer each +one layer):\n%s", diff)
	}
	if got, want := one["urls.consent"], "http://d"; got != want {
		t.Errorf("beside a value of ours: got %v, want the default %v", got, want)
	}
	t.Run("a text stays a text", func(t *testing.T) {
		digits := Values{"urls.login": "12345678901234567890"}
		if got := settings(t, digits.Options()...)["urls.login"]; got != "12345678901234567890" {
			t.Errorf("got %v (%T), want it as it is", got, got)
		}
	})
}
