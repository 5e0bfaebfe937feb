package translate

import (
	"fmt"
	"strings"
)

// Problem is what keeps an import from being made.
type Problem struct {
	Source string `json:"source"`
	Path   string `json:"path"`
	Text   string `json:"text"`
}

// Problems are all of them.
type Problems struct {
	List []Problem `json:"problems"`
}

// Error lists them, a line each.
func (p *Problems) Error() string {
	lines := make([]string, 0, len(p.List)+1)
	lines = append(lines, fmt.Sprintf("importing: %d things are in the way", len(p.List)))
	if len(p.List) == 1 {
		lines[0] = "importing: one thing is in the way"
	}
	for _, one := range p.List {
		lines = append(lines, fmt.Sprintf("  %s: %s %s", one.Source, one.Path, one.Text))
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(source, path, format string, args ...any) {
	p.List = append(p.List, Problem{source, path, fmt.Sprintf(format, args...)})
}

func (p *Problems) orNil() error {
	if len(p.List) == 0 {
		return nil
	}
	return p
}
