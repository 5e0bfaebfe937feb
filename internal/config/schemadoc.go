package config

import (
	_ "embed"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// comments are those of this package's types by Type.Field, which a program does not have at run time.
// TestTheSchemaHasTheCommentsOfTheTypes writes them anew.
//
//go:embed comments.json
var comments []byte

// JSONSchema describes stack.yaml for editors (draft 2020-12): every word with its comment, its default and
// what may stand there. It is made of the types that read the file, so that it says what they say. What
// rules say of several words together it leaves to config check.
func JSONSchema() ([]byte, error) {
	s := schemaWriter{}
	if err := json.Unmarshal(comments, &s.comments); err != nil {
		return nil, fmt.Errorf("reading comments: %w", err)
	}
	root := s.object(reflect.TypeFor[Config](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "identityd: stack.yaml"
	root["description"] = "One file configures everything. identityd config check says what is wrong with it."
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing schema: %w", err)
	}
	return append(out, '\n'), nil
}

type schemaWriter struct{ comments map[string]string }

// object is a section or an item of a list. Every word may be there without a value: it is left alone then.
func (s schemaWriter) object(t reflect.Type, path string) map[string]any {
	properties := map[string]any{}
	for _, k := range direct(t) {
		at := k.path
		if path != "" {
			at = path + "." + k.path
		}
		var about map[string]any
		if k.shape == section {
			about = s.object(k.typ, at)
		} else {
			about = s.value(k.typ)
		}
		s.describe(about, t.FieldByIndex(k.index), t, at)
		properties[k.path] = about
	}
	return map[string]any{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
}

// describe adds what a person reads: the comment, the default, and that a word is refused for now.
func (s schemaWriter) describe(about map[string]any, f reflect.StructField, t reflect.Type, path string) {
	word := f.Tag.Get("yaml")
	text := s.comments[t.Name()+"."+f.Name]
	if rest, ok := strings.CutPrefix(text, f.Name+" "); ok {
		text = word + " " + rest
	}
	development, production := usual(Development, path), usual(Production, path)
	switch {
	case development == nil && production == nil:
	case reflect.DeepEqual(development, production):
		about["default"] = development
	default:
		text = strings.TrimSpace(text + fmt.Sprintf(" Default: %v in production, %v in development.", orNothing(production), orNothing(development)))
	}
	for _, row := range notImplemented() {
		if path == row.path && len(row.harmless) == 0 {
			about["deprecated"] = true
			text = "Not implemented yet; leave it out. " + text
		}
	}
	if text != "" {
		about["description"] = text
	}
}

// usual is the default of a word as it is written in the file, nil for none and for what is secret.
func usual(p Profile, path string) any {
	from := reflect.ValueOf(defaults(p))
	for _, k := range vocabulary() {
		if k.path != path || k.shape == section {
			continue
		}
		v := from.FieldByIndex(k.index)
		if v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
			return nil
		}
		var out any
		if err := present(v).Decode(&out); err != nil || out == redacted {
			return nil
		}
		return out
	}
	return nil
}

func orNothing(v any) any {
	if v == nil {
		return "nothing"
	}
	return v
}

// value says what may stand at a word.
func (s schemaWriter) value(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return map[string]any{
			"type": []string{"string", "integer", "null"}, "minimum": 0, "maximum": 0,
			"pattern": `^(0|([0-9]+d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*)$`, "minLength": 1,
			"examples": []string{"15m", "24h", "30d"},
		}
	case t == reflect.TypeFor[Address]():
		return map[string]any{
			"type": []string{"string", "null"}, "pattern": `^(off|unix:.+|.*:[0-9]{1,5})$`,
			"examples": []string{"127.0.0.1:4445", ":3000", "unix:/run/identityd/ui.sock", "off"},
		}
	case t == reflect.TypeFor[Words]():
		return map[string]any{"type": []string{"array", "string", "null"}, "items": map[string]any{"type": "string"}}
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return map[string]any{"type": []string{"string", "null"}}
	}
	if w, ok := reflect.Zero(t).Interface().(interface{ words() []string }); ok {
		return map[string]any{"enum": allowed(w)}
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"type": []string{"boolean", "null"}}
	case reflect.Int:
		return map[string]any{"type": []string{"integer", "null"}}
	case reflect.Float64:
		return map[string]any{"type": []string{"number", "null"}}
	case reflect.Struct:
		return s.object(t, "")
	case reflect.Slice:
		return map[string]any{"type": []string{"array", "null"}, "items": s.value(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": s.value(t.Elem())}
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": []string{"string", "null"}}
}

// allowed are the words of a choice, what else is understood as one, and nothing.
func allowed(w interface{ words() []string }) []any {
	var out []any
	for _, word := range w.words() {
		out = append(out, word)
	}
	if spoken, ok := w.(interface{ spoken() map[string]string }); ok {
		for _, plain := range []bool{true, false} {
			if slices.Contains(w.words(), spoken.spoken()[fmt.Sprint(plain)]) {
				out = append(out, plain)
			}
		}
	}
	return append(out, "", nil)
}
