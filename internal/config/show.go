package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAML returns the effective configuration as it would be written in a file, without its secrets,
// each value with a comment that says where it came from.
func (c Config) YAML() ([]byte, error) {
	var out strings.Builder
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(c.tree(reflect.ValueOf(c), "")); err != nil {
		return nil, fmt.Errorf("writing configuration: %w", err)
	}
	return []byte(out.String()), nil
}

// JSON returns the effective configuration without its secrets: the file it came from, settings as
// nested as in it, and origins by path.
func (c Config) JSON() ([]byte, error) {
	var settings map[string]any
	if err := c.tree(reflect.ValueOf(c), "").Decode(&settings); err != nil {
		return nil, fmt.Errorf("writing configuration: %w", err)
	}
	out, err := json.MarshalIndent(struct {
		Source   string            `json:"source"`
		Settings map[string]any    `json:"settings"`
		Origins  map[string]string `json:"origins"`
	}{c.Source, settings, c.Origins}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing configuration: %w", err)
	}
	return append(out, '\n'), nil
}

// tree writes a section, its keys in the order of the type.
func (c Config) tree(from reflect.Value, prefix string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range direct(from.Type()) {
		v, path := from.FieldByIndex(k.index), prefix+k.path
		name := scalarNode(k.path)
		if k.shape == section {
			node.Content = append(node.Content, name, c.tree(v, path+"."))
			continue
		}
		value := present(v)
		if path == "login.providers" {
			c.nameCallbacks(value)
		}
		// The comment of a block stands at its key; at its value it would follow the last line.
		if len(value.Content) > 0 && value.Style != yaml.FlowStyle {
			name.LineComment = c.Origins[path]
		} else {
			value.LineComment = c.Origins[path]
		}
		node.Content = append(node.Content, name, value)
	}
	return node
}

// direct lists the keys of a section without those of the sections in it.
func direct(t reflect.Type) []key {
	var out []key
	for _, k := range walk(t, "", nil) {
		if !strings.Contains(k.path, ".") {
			out = append(out, k)
		}
	}
	return out
}
