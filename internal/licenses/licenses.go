package licenses

import (
	_ "embed"
	"strings"
)

// text is made by make licenses.
//
//go:embed third_party.txt
var text string

// Text returns a line for each module, and the whole text of each license.
func Text() string { return text }

// Module is one that is linked on some platform.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	// License is an SPDX expression.
	License string `json:"license"`
}

// Modules returns the modules that the text has, and Go's library as std.
func Modules() []Module {
	lines, _, _ := strings.Cut(text, "\n==== ")
	var out []Module
	for _, line := range strings.Split(lines, "\n") {
		fields := strings.Split(line, " | ")
		if len(fields) != 3 {
			continue
		}
		path, rest, _ := strings.Cut(fields[0], " ")
		version, _, _ := strings.Cut(rest, " ")
		out = append(out, Module{Path: path, Version: version, License: fields[1]})
	}
	return out
}

// List returns the lines without the texts.
func List() string {
	lines, _, _ := strings.Cut(text, "\n==== ")
	_, lines, _ = strings.Cut(lines, "\n\n")
	return lines
}
