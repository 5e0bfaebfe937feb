package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Effective is what applies of one word.
type Effective struct {
	// Value is as config show prints it: without what is secret.
	Value any `json:"value"`
	// Digest tells whether secrets and the contents of files are the same.
	Digest string `json:"digest"`
}

// Effective returns what applies of each word. Digests can be compared where the salt is the same, and are
// worth nothing without it: whoever asks makes one up for each time.
func (c Config) Effective(salt string) (map[string]Effective, error) {
	out := map[string]Effective{}
	v := reflect.ValueOf(c)
	for _, k := range vocabulary() {
		if k.shape == section {
			continue
		}
		h := sha256.New()
		fmt.Fprintf(h, "%d %s", len(salt), salt)
		digest(h, v.FieldByIndex(k.index), isFile(k.path), digestFile)
		var value any
		if err := present(v.FieldByIndex(k.index)).Decode(&value); err != nil {
			return nil, fmt.Errorf("reading %s: %w", k.path, err)
		}
		out[k.path] = Effective{Value: value, Digest: hex.EncodeToString(h.Sum(nil))}
	}
	return out, nil
}

// Difference is a word, or a part of one, that applies with another value.
type Difference struct {
	// Word is the word of stack.yaml; Path goes into it: clients[shop].redirect_uris.
	Word string `json:"word"`
	Path string `json:"path"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
	// Hidden says that the values print alike: what differs is secret, or in a file that the word names.
	Hidden bool `json:"hidden,omitempty"`
}

// Diff returns what differs, in the order of the words.
func Diff(before, after map[string]Effective) []Difference {
	out := []Difference{}
	for _, word := range Vocabulary() {
		a, b := before[word], after[word]
		if a.Digest == b.Digest {
			continue
		}
		inside := differ(word, word, a.Value, b.Value)
		if len(inside) == 0 {
			inside = []Difference{{Word: word, Path: word, Old: a.Value, New: b.Value, Hidden: true}}
		}
		out = append(out, inside...)
	}
	return out
}

// differ goes into maps, and into lists whose items have a name.
func differ(word, path string, a, b any) []Difference {
	if x, y, ok := both[map[string]any](a, b); ok {
		return differMaps(word, x, y, func(name string) string { return path + "." + name })
	}
	if x, y, ok := both[[]any](a, b); ok {
		named, also := byName(x), byName(y)
		if named != nil && also != nil {
			return differMaps(word, named, also, func(name string) string { return path + "[" + name + "]" })
		}
	}
	if reflect.DeepEqual(a, b) {
		return nil
	}
	return []Difference{{Word: word, Path: path, Old: a, New: b}}
}

func differMaps(word string, a, b map[string]any, path func(string) string) []Difference {
	var out []Difference
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, differ(word, path(name), a[name], b[name])...)
	}
	return out
}

// both returns two values of one type.
func both[T any](a, b any) (x, y T, ok bool) {
	x, isX := a.(T)
	y, isY := b.(T)
	return x, y, isX && isY
}

// byName returns the items of a list by their id or key; nil where one has neither, or two have the same.
func byName(list []any) map[string]any {
	out := map[string]any{}
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil
		}
		name, ok := m["id"].(string)
		if !ok {
			name, ok = m["key"].(string)
		}
		if _, twice := out[name]; !ok || twice {
			return nil
		}
		out[name] = m
	}
	return out
}
