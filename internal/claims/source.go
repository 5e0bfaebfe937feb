package claims

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

const (
	longestSource = 200
	deepestSource = 16
	largestIndex  = 999
)

// source finds a claim's value in a person; nil is no value.
type source func(identity.Identity) any

// roots are the parts of a person that a source may begin with.
func roots() map[string]func(identity.Identity) map[string]any {
	return map[string]func(identity.Identity) map[string]any{
		"traits":          func(p identity.Identity) map[string]any { return p.Traits },
		"metadata_public": func(p identity.Identity) map[string]any { return p.MetadataPublic },
		"metadata_admin":  func(p identity.Identity) map[string]any { return p.MetadataAdmin },
	}
}

// fields are what a source may name of identity.
func fields() map[string]source {
	return map[string]source{
		"id":         func(p identity.Identity) any { return notEmpty(p.ID) },
		"state":      func(p identity.Identity) any { return notEmpty(p.State) },
		"schema_id":  func(p identity.Identity) any { return notEmpty(p.SchemaID) },
		"created_at": func(p identity.Identity) any { return seconds(p.CreatedAt) },
		"updated_at": func(p identity.Identity) any { return seconds(p.UpdatedAt) },
	}
}

// parseSource reads a path. The error is a sentence for the person who wrote it.
func parseSource(text string) (source, error) {
	if len(text) > longestSource {
		return nil, fmt.Errorf("%s is longer than %d bytes; choose a shorter path", quote(text), longestSource)
	}
	root, rest, dotted := strings.Cut(text, ".")
	if root == "identity" {
		return parseField(text, rest)
	}
	part, known := roots()[root]
	switch {
	case !known:
		return nil, unknownRoot(text, root)
	case !dotted || rest == "":
		return nil, fmt.Errorf("%s names all of a person's %s; name one value in it, such as %s.name", quote(text), root, root)
	}
	steps, err := parseSteps(text, rest)
	if err != nil {
		return nil, err
	}
	return func(person identity.Identity) any { return walk(part(person), steps) }, nil
}

func parseField(text, name string) (source, error) {
	if from, ok := fields()[name]; ok {
		return from, nil
	}
	names := []string{"id", "state", "schema_id", "created_at", "updated_at"}
	return nil, fmt.Errorf("%s is not known; identity has %s (did you mean identity.%s?)",
		quote(text), strings.Join(names, ", "), nearest(name, names))
}

func unknownRoot(text, root string) error {
	names := []string{"traits", "metadata_public", "metadata_admin", "identity"}
	root, _, _ = strings.Cut(root, "[")
	return fmt.Errorf("%s must begin with %s and a dot (did you mean %s.?)",
		quote(text), strings.Join(names[:3], ", ")+" or "+names[3], nearest(root, names))
}

// step is a key of an object when key is not empty, else the index of a list.
type step struct {
	key   string
	index int
}

func parseSteps(text, rest string) ([]step, error) {
	segment := regexp.MustCompile(`^([A-Za-z0-9_-]+)((?:\[[0-9]+\])*)$`)
	var steps []step
	for part := range strings.SplitSeq(rest, ".") {
		found := segment.FindStringSubmatch(part)
		if found == nil {
			return nil, fmt.Errorf("%s has the segment %s; a segment is letters, digits, _ and -, "+
				"and may end with the index of a list such as [0]", quote(text), quote(part))
		}
		steps = append(steps, step{key: found[1]})
		for index := range strings.SplitSeq(strings.Trim(found[2], "[]"), "][") {
			if index == "" {
				continue
			}
			n, err := strconv.Atoi(index)
			if err != nil || n > largestIndex {
				return nil, fmt.Errorf("%s has the index %s; the largest is %d", quote(text), quote(index), largestIndex)
			}
			steps = append(steps, step{index: n})
		}
	}
	if len(steps) > deepestSource {
		return nil, fmt.Errorf("%s goes %d levels down; %d are possible", quote(text), len(steps), deepestSource)
	}
	return steps, nil
}

// walk follows steps as far as the value's shape allows: what people's traits hold depends on their
// schema, so another shape is a missing value and no error.
func walk(value any, steps []step) any {
	for _, s := range steps {
		if s.key != "" {
			object, _ := value.(map[string]any)
			value = object[s.key]
			continue
		}
		list, _ := value.([]any)
		if s.index >= len(list) {
			return nil
		}
		value = list[s.index]
	}
	return value
}

func notEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func seconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}
