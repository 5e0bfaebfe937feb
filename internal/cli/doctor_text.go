package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"example.com/identityd/internal/doctor"
)

// sheet writes lines that are readable on a terminal of some width.
type sheet struct {
	out   io.Writer
	width int
}

// finding is a fault or a warning with its cure.
func (s sheet) finding(row doctor.Row, fix bool) {
	const indent = 9
	s.line(fmt.Sprintf("%-*s", indent, strings.ToUpper(string(row.Level))), indent, row.Area+"/"+row.Check+": "+row.Text)
	cure := row.Cure
	switch {
	case row.Fixed:
		cure = "done: " + row.Fix
	case row.Fix != "" && !fix && row.Cure == "run "+row.Fix:
		cure += "; identityd doctor --fix does it"
	case row.Fix != "" && !fix:
		cure += "; identityd doctor --fix would do: " + row.Fix
	}
	if cure != "" {
		s.line(strings.Repeat(" ", indent)+"-> ", indent+3, cure)
	}
}

// area says what is well in an area and what was not looked at.
func (s sheet) area(area string, rows []doctor.Row, verbose bool) {
	named := map[doctor.Level][]string{}
	for _, row := range rows {
		switch {
		case row.Area != area || row.Level != doctor.OK && row.Level != doctor.Skipped:
		case (verbose || row.Shown) && row.Level == doctor.OK:
			s.line(fmt.Sprintf("%-9s", "ok"), 9, row.Area+"/"+row.Check+": "+row.Text)
		case verbose:
			s.line(fmt.Sprintf("%-9s", "-"), 9, row.Area+"/"+row.Check+": not looked at: "+row.Text)
		case !slices.Contains(named[row.Level], row.Check):
			named[row.Level] = append(named[row.Level], row.Check)
		}
	}
	if well := named[doctor.OK]; len(well) > 0 {
		s.line(fmt.Sprintf("%-9s", "ok"), 9, area+": "+strings.Join(well, ", "))
	}
	if left := named[doctor.Skipped]; len(left) > 0 {
		s.line(fmt.Sprintf("%-9s", "-"), 9, area+": "+strings.Join(left, ", ")+" not looked at")
	}
}

// line breaks text between words; what is longer than a line stays whole, so that it can be copied.
func (s sheet) line(first string, indent int, text string) {
	at := first
	used := len(first)
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case used+1+len(word) > s.width:
			fmt.Fprintln(s.out, at)
			at, used = strings.Repeat(" ", indent), indent
		default:
			at, used = at+" ", used+1
		}
		at, used = at+word, used+len(word)
	}
	fmt.Fprintln(s.out, at)
}
