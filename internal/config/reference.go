package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Word is a word of stack.yaml as its reference describes it (docs/configuration.md).
type Word struct {
	// Path is where it is written. What is in a list has the list's name and [] before it: clients[].id.
	Path string
	// Comment names the comment that explains it, as comments.json does: Listen.UI. Inside is the type of what is in a
	// section or a list, whose comment introduces it.
	Comment, Inside string
	// Type says what may stand there, and Values are the words of a choice.
	Type   string
	Values []string
	// Development and Production are the defaults by profile as they are written in the file, empty for none.
	Development, Production string
	// Variable sets it, or names a file that holds it, by its end in _FILE. What is in a list has none.
	Variable string
	// Section has words in it and no value of its own.
	Section bool
	// NotYet words have no effect and are refused.
	NotYet bool
}

// Reference lists every word of stack.yaml in the order of the file, with those of the items of lists.
func Reference() []Word { return reference(reflect.TypeFor[Config](), "", false) }

// reference lists the words of a type; those of an item of a list have no default and no variable of their own.
func reference(t reflect.Type, prefix string, item bool) []Word {
	var out []Word
	for _, k := range direct(t) {
		f := t.FieldByIndex(k.index)
		w := Word{Path: prefix + k.path, Comment: t.Name() + "." + f.Name, Section: k.shape == section}
		w.Type, w.Values = spoken(k)
		in, at := k.typ, w.Path+"."
		if k.shape == list {
			in, at = k.typ.Elem(), w.Path+"[]."
		}
		inside := in.Kind() == reflect.Struct && shapeOf(in) == section
		if inside {
			w.Inside = in.Name()
		}
		if !item && !w.Section {
			w.Variable = envName(w.Path)
			if k.shape != scalar && !plainList(k) {
				w.Variable += "_FILE"
			}
			w.Development, w.Production = written(Development, w.Path, k), written(Production, w.Path, k)
		}
		w.NotYet = slices.ContainsFunc(notImplemented(), func(n notYet) bool {
			return n.path == w.Path || strings.HasPrefix(w.Path, n.path+".")
		})
		out = append(out, w)
		if inside {
			out = append(out, reference(in, at, item || k.shape == list)...)
		}
	}
	return out
}

// spoken says what may stand at a word.
func spoken(k key) (what string, values []string) {
	t := k.typ
	switch {
	case k.shape == section:
		return "section", nil
	case t == reflect.TypeFor[time.Duration]():
		return "duration", nil
	case t == reflect.TypeFor[Address]():
		return "address to listen at", nil
	case t == reflect.TypeFor[Words]():
		return "list of texts, or one text with blanks between them", nil
	case t == reflect.TypeFor[Secret](), t == reflect.TypeFor[DSN](), t == reflect.TypeFor[SMTPURL]():
		return "text, secret", nil
	case t == reflect.TypeFor[[]Secret]():
		return "list of texts, secret", nil
	case t == reflect.TypeFor[Settings](), t == reflect.TypeFor[Personal](), t == reflect.TypeFor[map[string]map[string]any]():
		return "map", nil
	case k.path == "file", strings.HasSuffix(k.path, "_file"):
		return "path of a file", nil
	case k.path == "data_dir":
		return "path of a folder", nil
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return "text", nil
	}
	if w, ok := reflect.Zero(t).Interface().(interface{ words() []string }); ok {
		return "choice", w.words()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false", nil
	case reflect.Int:
		return "whole number", nil
	case reflect.Float64:
		return "number", nil
	case reflect.Map:
		return "map of texts", nil
	case reflect.Slice:
		if shapeOf(t.Elem()) == section {
			return "list", nil
		}
		return "list of texts", nil
	}
	return "text", nil
}

// written is a default as it stands in a file, empty for none and for what is secret.
func written(p Profile, path string, k key) string {
	switch v := usual(p, path).(type) {
	case nil:
		switch {
		case k.typ == reflect.TypeFor[time.Duration](), k.typ.Kind() == reflect.Int:
			return "0"
		case k.typ.Kind() == reflect.Bool:
			return "false"
		case k.shape == list:
			return "[]"
		}
		return ""
	case []any:
		items := make([]string, len(v))
		for i, one := range v {
			items[i] = fmt.Sprint(one)
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		return fmt.Sprint(v)
	}
}

// OwnedKey is a key of an engine that its block may not have, and the word of ours that sets it.
type OwnedKey struct{ Engine, Key, Word string }

// OwnedKeys are all of them, in the order in which they are looked for: the first one that fits counts.
func OwnedKeys() []OwnedKey {
	var out []OwnedKey
	for _, o := range ownedOfHydra() {
		out = append(out, OwnedKey{"hydra", o.path, o.ours})
	}
	for _, o := range ownedOfKratos() {
		out = append(out, OwnedKey{"kratos", o.path, o.ours})
	}
	return out
}
