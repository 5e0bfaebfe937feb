// Command diagrams draws the diagrams of the documents: each docs/diagrams/NAME.txt becomes NAME.svg (make diagrams).
//
//	diagrams FOLDER           write every drawing
//	diagrams -check FOLDER    fail when one is not what would be written
//
// A source begins with title and about, which a screen reader reads, and goes on as a sequence (sequence.go) or as a
// map (map.go). Drawings are 400 units wide, so that their letters can be read on a phone.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	args, check := os.Args[1:], false
	if len(args) > 0 && args[0] == "-check" {
		args, check = args[1:], true
	}
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "diagrams: want the folder of the sources, such as docs/diagrams")
		os.Exit(2)
	}
	if err := run(args[0], check); err != nil {
		fmt.Fprintln(os.Stderr, "diagrams:", err)
		os.Exit(1)
	}
}

func run(folder string, check bool) error {
	style, err := os.ReadFile(filepath.Join(folder, "diagram.css"))
	if err != nil {
		return err
	}
	sources, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return fmt.Errorf("%s has no source", folder)
	}
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(source), ".txt")
		svg, err := draw(name, string(text), string(style))
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		file := filepath.Join(folder, name+".svg")
		if !check {
			if err := os.WriteFile(file, svg, 0o644); err != nil { //nolint:gosec // for everybody to read
				return err
			}
			continue
		}
		if there, err := os.ReadFile(file); err != nil || !bytes.Equal(there, svg) {
			return fmt.Errorf("%s is not what %s says: run make diagrams", file, source)
		}
	}
	return nil
}

// draw makes one drawing.
func draw(name, text, style string) ([]byte, error) {
	c := &canvas{}
	var sketch interface {
		line(string) error
		finish(*canvas) error
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case word == "title":
			c.title = rest
		case word == "about":
			c.about = rest
		case line == "sequence":
			sketch = &sequence{}
		case line == "map":
			sketch = &mapping{boxes: map[string]box{}}
		case sketch == nil:
			err = errors.New("want title, about, and then sequence or map")
		default:
			err = sketch.line(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if sketch == nil || c.title == "" || c.about == "" {
		return nil, errors.New("want title, about, and sequence or map")
	}
	if err := sketch.finish(c); err != nil {
		return nil, err
	}
	return c.svg(name, style), nil
}
