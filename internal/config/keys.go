package config

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
)

// shape is what may stand at a key.
type shape int

const (
	section shape = iota // a map of known keys
	scalar
	list
	free // a map of any keys
)

// key is one word of stack.yaml, found by walking the Config type.
type key struct {
	path  string
	shape shape
	typ   reflect.Type
	index []int
}

// vocabulary lists every key, sections before what is in them.
func vocabulary() []key {
	return walk(reflect.TypeFor[Config](), "", nil)
}

func walk(t reflect.Type, prefix string, index []int) []key {
	var out []key
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" || name == "" {
			continue
		}
		k := key{path: prefix + name, shape: shapeOf(f.Type), typ: f.Type, index: append(slices.Clone(index), i)}
		out = append(out, k)
		if k.shape == section {
			out = append(out, walk(f.Type, k.path+".", k.index)...)
		}
	}
	return out
}

func shapeOf(t reflect.Type) shape {
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return scalar
	case t.Kind() == reflect.Struct:
		return section
	case t.Kind() == reflect.Slice:
		return list
	case t.Kind() == reflect.Map:
		return free
	}
	return scalar
}

// checkKeys reports the unknown keys of one layer, and sections that are not maps.
func checkKeys(c *collector, words []key, layer map[string]any) {
	known := make(map[string]key, len(words))
	for _, k := range words {
		known[k.path] = k
	}
	checkSection(c, known, layer, "")
}

func checkSection(c *collector, known map[string]key, m map[string]any, prefix string) {
	for name, v := range m {
		path := prefix + name
		k, ok := known[path]
		switch {
		case !ok:
			c.add(path, "unknown key; did you mean %s?", nearest(path, known))
		case k.shape == section && v != nil:
			inner, isMap := v.(map[string]any)
			if !isMap {
				c.add(path, "must hold keys such as %s (got %s)", firstKey(known, path), kindOf(v))
				continue
			}
			checkSection(c, known, inner, path+".")
		}
	}
}

func firstKey(known map[string]key, path string) string {
	var inside []string
	for p := range known {
		if strings.HasPrefix(p, path+".") {
			inside = append(inside, p)
		}
	}
	return slices.Min(inside)
}

// lookup returns the value at a dotted path of nested maps.
func lookup(m map[string]any, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	v, ok := m[name]
	if !ok || !deeper {
		return v, ok && v != nil
	}
	inner, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	return lookup(inner, rest)
}
