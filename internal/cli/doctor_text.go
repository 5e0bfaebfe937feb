package cli

import (
	"fmt"
	"io"
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
		cure = "fixed: " + cure
	case row.Fixable && !fix:
		cure += "; identityd doctor --fix does it"
	}
	if cure != "" {
		s.line(strings.Repeat(" ", indent)+"-> ", indent+3, cure)
	}
}

// area says what is well in an area and what was not looked at.
func (s sheet) area(area string, rows []doctor.Row, verbose bool) {
	var well []string
	left := map[string][]string{}
	var reasons []string
	for _, row := range rows {
		switch {
		case row.Area != area:
		case row.Level == doctor.OK && verbose:
			s.line(fmt.Sprintf("%-9s", "ok"), 9, row.Area+"/"+row.Check+": "+row.Text)
		case row.Level == doctor.OK:
			if len(well) == 0 || well[len(well)-1] != row.Check {
				well = append(well, row.Check)
			}
		case row.Level == doctor.Skipped:
			if left[row.Text] == nil {
				reasons = append(reasons, row.Text)
			}
			left[row.Text] = append(left[row.Text], row.Check)
		}
	}
	if len(well) > 0 {
		s.line(fmt.Sprintf("%-9s", "ok"), 9, area+": "+strings.Join(well, ", "))
	}
	for _, reason := range reasons {
		s.line(fmt.Sprintf("%-9s", "-"), 9, area+": "+strings.Join(left[reason], ", ")+" not looked at: "+reason)
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
