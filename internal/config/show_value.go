package config

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// present writes one value for people.
func present(v reflect.Value) *yaml.Node {
	switch x := v.Interface().(type) {
	case Secret:
		if x.Empty() {
			return scalarNode("")
		}
		return scalarNode(redacted)
	case time.Duration:
		return scalarNode(spell(x))
	case Personal:
		return presentFree(Settings(x).masked())
	case Settings:
		return presentFree(masked(map[string]any(x)))
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return scalarNode(redacted)
		}
		return scalarNode(string(text))
	}
	switch v.Kind() {
	case reflect.Slice:
		return presentList(v)
	case reflect.Struct:
		return presentItem(v)
	case reflect.String:
		return scalarNode(v.String())
	}
	return presentFree(v.Interface())
}

// presentList writes texts in one line and anything bigger an item a line.
func presentList(v reflect.Value) *yaml.Node {
	node := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i := range v.Len() {
		item := present(v.Index(i))
		if item.Kind != yaml.ScalarNode {
			node.Style = 0
		}
		node.Content = append(node.Content, item)
	}
	return node
}

// presentItem writes an item of a list, without what it leaves unset.
func presentItem(v reflect.Value) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range direct(v.Type()) {
		if field := v.FieldByIndex(k.index); !field.IsZero() {
			node.Content = append(node.Content, scalarNode(k.path), present(field))
		}
	}
	return node
}

// presentFree writes what has no type of ours, its keys in order.
func presentFree(v any) *yaml.Node {
	switch x := v.(type) {
	case string:
		return scalarNode(x)
	case map[string]any:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range slices.Sorted(maps.Keys(x)) {
			node.Content = append(node.Content, scalarNode(name), presentFree(x[name]))
		}
		if len(x) == 0 {
			node.Style = yaml.FlowStyle
		}
		return node
	case map[string]map[string]any:
		outer := make(map[string]any, len(x))
		for name, inner := range x {
			outer[name] = inner
		}
		return presentFree(outer)
	case map[string]string:
		outer := make(map[string]any, len(x))
		for name, inner := range x {
			outer[name] = inner
		}
		return presentFree(outer)
	case []any:
		return presentList(reflect.ValueOf(x))
	case float64:
		// JSON has no word for these.
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return scalarNode(fmt.Sprint(x))
		}
	}
	node := &yaml.Node{}
	// Nothing but maps, lists and scalars comes out of a YAML file; those cannot fail.
	if err := node.Encode(v); err != nil {
		return scalarNode(fmt.Sprint(v))
	}
	return node
}

func scalarNode(s string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(s)
	// A block would take the comment after it into the text; and a plain off is false to older readers.
	if strings.ContainsAny(s, "\r\n") || s == "off" {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}
