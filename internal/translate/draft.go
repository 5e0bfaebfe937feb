package translate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// draft is a stack.yaml in the making.
type draft struct {
	in Input
	// values are the settings of each engine by today's paths.
	values map[string]map[string]entry
	// words are those of stack.yaml by their paths, blocks the verbatim ones by the engine's.
	words  map[string]any
	blocks map[string]map[string]any
	about  map[string]string // comments by word

	profile string
	origin  string // set where everything is under one address
	ui      string // where the pages were
	issuer  string
	self    string // where Kratos was

	files    []File
	keys     []Key
	notes    []Note
	problems Problems
	sealed   bool
}

// entry is one setting of an engine.
type entry struct {
	engine, source string
	// path is today's, written what the file has.
	path, written string
	value         any
}

func begin(in Input) (*draft, error) {
	d := &draft{
		in: in, values: map[string]map[string]entry{hydra: {}, kratos: {}},
		words: map[string]any{}, blocks: map[string]map[string]any{hydra: {}, kratos: {}}, about: map[string]string{},
	}
	for _, s := range in.Settings {
		d.take(s)
	}
	return d, d.problems.orNil()
}

// take lays a source over those before it.
func (d *draft) take(s Source) {
	c := catalogOf(s.Engine)
	flat := map[string]any{}
	if s.Environ != nil {
		values, other := c.fromEnvironment(s.Environ)
		flat = values
		for _, name := range other {
			if near, ok := c.mistyped(name); ok {
				d.problems.add(s.Name, name, "stands for no key of %s; did you mean %s?", s.Engine, near)
			}
		}
	} else {
		c.flatten(flat, "", s.Values)
	}
	for _, path := range slices.Sorted(maps.Keys(flat)) {
		e := entry{engine: s.Engine, source: s.Name, path: path, written: path, value: flat[path]}
		if flat[path] == nil || emptyMap(flat[path]) && !c.opaque(path) {
			d.report(e, Dropped, nil, "is empty")
			continue
		}
		if d.rename(&e) || !d.known(c, e) {
			continue
		}
		d.values[s.Engine][e.path] = e
	}
}

// known refuses what is no key of the engine, also inside lists.
func (d *draft) known(c catalog, e entry) bool {
	if _, later := laterKeys(e.engine, e.path); !later && !c.has(e.path) {
		d.unknown(c, e, e.written)
		return false
	}
	if c.opaque(e.path) {
		return true
	}
	ok := true
	for _, path := range inside(e.path, e.value) {
		if !c.covers(path) {
			d.unknown(c, e, path)
			ok = false
		}
	}
	return ok
}

// unknown says what may have been meant, unless so much is unknown that the file is of something else.
func (d *draft) unknown(c catalog, e entry, path string) {
	const most = 25
	if len(d.problems.List) >= most {
		d.problems.add(e.source, path, "is no key of %s", e.engine)
		return
	}
	d.problems.add(e.source, path, "is no key of %s; did you mean %s?", e.engine, nearest(path, c.paths))
}

func emptyMap(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 0
}

// entries returns the settings of an engine by path.
func (d *draft) entries(engine string) []entry {
	var out []entry
	for _, path := range slices.Sorted(maps.Keys(d.values[engine])) {
		out = append(out, d.values[engine][path])
	}
	return out
}

// get returns a setting, nil where it is not set.
func (d *draft) get(engine, path string) any {
	for name, e := range d.values[engine] {
		if strings.EqualFold(name, path) {
			return e.value
		}
	}
	return nil
}

func (d *draft) str(engine, path string) string { return text(d.get(engine, path)) }

func (d *draft) strs(engine, path string) []string { return texts(d.get(engine, path)) }

func (d *draft) on(engine, path string) bool { return truth(d.get(engine, path)) }

// set writes a word of ours.
func (d *draft) set(word string, v any) { d.words[word] = v }

func (d *draft) note(word, format string, args ...any) {
	n := Note{Word: word, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(d.notes, n) {
		d.notes = append(d.notes, n)
	}
}

// apply follows the rule of a key.
func (d *draft) apply(e entry) {
	r, ok := ruleFor(e.engine, e.path)
	if !ok {
		if why, later := laterKeys(e.engine, e.path); later {
			d.report(e, Dropped, nil, why)
			return
		}
		d.problems.add(e.source, e.written, "has no rule; this is a fault of identityd")
		return
	}
	v := r.do(d, e)
	d.report(e, v.fate, v.to, v.why)
}

func (d *draft) report(e entry, fate Fate, to []string, why string) {
	now := ""
	if e.path != e.written {
		now = e.path
	}
	d.keys = append(d.keys, Key{
		Source: e.source, Engine: e.engine, Path: e.written, Now: now, Value: shown(e), Fate: fate, To: append([]string{}, to...), Why: why,
	})
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		if s := text(v); s != "" {
			return []string{s}
		}
		return nil
	}
	out := make([]string, 0, len(list))
	for _, one := range list {
		out = append(out, text(one))
	}
	return out
}

func truth(v any) bool { return v == true || v == "true" }
