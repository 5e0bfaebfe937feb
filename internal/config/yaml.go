package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// largestFile bounds what is read: a configuration beyond it is some other file.
const largestFile = 4 << 20

// readFile returns the content of a file of settings or secrets.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err != nil {
		return nil, plain(err)
	}
	if len(data) > largestFile {
		return nil, fmt.Errorf("larger than %d MiB", largestFile>>20)
	}
	return data, nil
}

// plain cuts "open <path>:" off an error, since the message names the path itself.
func plain(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// parseYAML reads one document: nested maps, or a list where want says so, or nil for nothing. Its
// problems have paths at or below path; name is how the file is called in messages. Values are
// never part of a message, since the file may hold secrets.
func parseYAML(c *collector, path, name string, data []byte, want yaml.Kind) any {
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		c.add(path, "%s", syntaxMessage(name, err))
		return nil
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		c.add(path, "%s: holds more than one YAML document; remove everything from the second --- on", name)
		return nil
	}
	if len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null" {
		return nil
	}
	root := doc.Content[0]
	if root.Kind != want {
		form := "must hold key: value pairs"
		if want == yaml.SequenceNode {
			form = "must hold a list, one - item a line"
		}
		c.add(path, "%s:%d: %s", name, root.Line, form)
		return nil
	}
	tidy(c, name, path, root)
	var out any
	if err := root.Decode(&out); err != nil {
		c.add(path, "%s", syntaxMessage(name, err))
		return nil
	}
	return out
}

// parseMap is parseYAML for files that hold keys; nil when the file is empty or could not be read.
func parseMap(c *collector, path, name string, data []byte) map[string]any {
	m, _ := parseYAML(c, path, name, data, yaml.MappingNode).(map[string]any)
	return m
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

func syntaxMessage(name string, err error) string {
	var typeErr *yaml.TypeError
	if errors.As(err, &typeErr) {
		// Type errors quote the value.
		return name + ": has a value that does not fit its tag"
	}
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatchIndex(msg); m != nil {
		return fmt.Sprintf("%s:%s: is not valid YAML: %s", name, msg[m[2]:m[3]], msg[:m[0]]+msg[m[1]:])
	}
	return name + ": is not valid YAML: " + msg
}

// tidy reports keys given twice and drops the later ones, so that the other problems of the file
// can be told in the same run; and it makes every key text, as 1: and true: are in YAML's eyes not.
func tidy(c *collector, name, path string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			tidy(c, name, path, child)
		}
		return
	}
	seen := map[string]int{}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			c.add(path, "%s:%d: has a key that is not text", name, k.Line)
			continue
		}
		if tag := k.ShortTag(); tag != "!!merge" && tag != "!!str" {
			k.Tag = "!!str"
		}
		here := strings.TrimPrefix(path+"."+k.Value, ".")
		if first, twice := seen[k.Value]; twice {
			c.add(here, "%s:%d: is already set in line %d; keep one of the two", name, k.Line, first)
			continue
		}
		seen[k.Value] = k.Line
		tidy(c, name, here, v)
		kept = append(kept, k, v)
	}
	n.Content = kept
}
