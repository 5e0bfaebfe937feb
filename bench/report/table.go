package report

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The lines of the document between which Table belongs.
const (
	Begin = "<!-- bench: what stands between these lines is written by make bench -->"
	End   = "<!-- bench: end -->"
)

// Insert puts text between the lines in a document.
func Insert(document, text string) error {
	raw, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("reading the document: %w", err)
	}
	before, rest, a := bytes.Cut(raw, []byte(Begin+"\n"))
	_, after, b := bytes.Cut(rest, []byte(End))
	if !a || !b {
		return fmt.Errorf("writing the table: %s has no lines %q and %q, put them where the table belongs", document, Begin, End)
	}
	out := slices.Concat(before, []byte(Begin+"\n\n"+text+"\n"+End), after)
	if err := os.WriteFile(document, out, 0o644); err != nil { //nolint:gosec // a document of the repository
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}

// Table is what the run says, as Markdown. Its lines are as long as they are: tables do not break.
func (f *File) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, commit %s, %d cores (%s), %d MB, Linux %s. %s\n", f.Made.UTC().Format("2006-01-02 15:04 UTC"), f.Commit, f.Machine.Cores, f.Machine.CPU,
		f.Machine.Memory, f.Machine.Kernel, f.versions())
	b.WriteString("\n" + f.confidence() + "\n")
	for _, part := range []func() string{f.goals, f.speed, f.latency, f.counts, f.footprint, f.growth, f.processes} {
		if text := part(); text != "" {
			b.WriteString("\n" + text)
		}
	}
	for _, n := range f.Notes {
		b.WriteString("\n" + n + "\n")
	}
	return b.String()
}

func (f *File) versions() string {
	var all []string
	for name, v := range f.Versions {
		all = append(all, name+" "+v)
	}
	slices.Sort(all)
	return strings.Join(all, ", ") + "."
}

func (f *File) confidence() string {
	for i := range f.Measures {
		m := &f.Measures[i]
		if s, c, ok := m.Ratio(); ok && m.Group == Speed {
			return fmt.Sprintf("Both sides were measured one after the other in each of %d rounds. A ratio is the median of the rounds' ratios; in brackets the lowest and the highest, "+
				"between which the true median is with a confidence of %.0f %%.", s.Rounds, 100*c)
		}
	}
	return "A ratio is the median of the rounds' ratios, in brackets the lowest and the highest."
}

// table writes rows in columns.
func table(title string, head []string, rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	if title != "" {
		b.WriteString(title + "\n\n")
	}
	b.WriteString("| " + strings.Join(head, " | ") + " |\n|" + strings.Repeat(" --- |", len(head)) + "\n")
	for _, r := range rows {
		b.WriteString("| " + strings.Join(r, " | ") + " |\n")
	}
	return b.String()
}

func (f *File) goals() string {
	var rows [][]string
	for i := range f.Measures {
		m := &f.Measures[i]
		if m.Goal == 0 || m.Group == Latency {
			continue
		}
		title := m.Title
		if m.Group != Footprint {
			title += ": " + words(m)
		}
		rows = append(rows, []string{title, m.wanted(), m.got(), string(m.Verdict())})
	}
	if r := f.tails(); r != nil {
		rows = append(rows, r)
	}
	return table("**The goals**", []string{"goal", "wanted", "measured", ""}, rows)
}

// tails is one row for all p99: the goal is that none is worse.
func (f *File) tails() []string {
	var worse, close, all []string
	for i := range f.Measures {
		m := &f.Measures[i]
		if m.Group != Latency || m.Kind != "p99" {
			continue
		}
		all = append(all, m.Title)
		switch s, _, ok := m.Ratio(); {
		case !ok:
		case s.Low > m.Goal:
			worse = append(worse, m.Title+" "+m.got())
		case s.Median > m.Goal:
			close = append(close, m.Title+" "+m.got())
		}
	}
	if len(all) == 0 {
		return nil
	}
	verdict, got := Met, fmt.Sprintf("not worse at any of %d", len(all))
	if len(close) > 0 {
		verdict, got = Close, "worse within the noise: "+strings.Join(close, "; ")
	}
	if len(worse) > 0 {
		verdict, got = Missed, "worse in every round: "+strings.Join(worse, "; ")
	}
	return []string{"p99 of every operation at the same rate", "≤ 1 ×", got, string(verdict)}
}

func words(m *Measure) string {
	switch m.Kind {
	case "rate":
		return "operations a second"
	case "rss_peak":
		return "peak of memory"
	case "statements":
		return "SQL statements"
	}
	return strings.ReplaceAll(m.Kind, "_", " ")
}

func (m *Measure) wanted() string {
	sign, unit := "≤", " ×"
	if m.Higher {
		sign = "≥"
	}
	if m.Absolute {
		unit = " " + m.Unit
	}
	return sign + " " + number(m.Goal) + unit
}

// got is the ratio with its range, or our own value where there is none.
func (m *Measure) got() string {
	if m.Absolute {
		return m.value(Ours) + " " + m.Unit
	}
	return m.ratio()
}

func (m *Measure) ratio() string {
	s, _, ok := m.Ratio()
	if !ok {
		return "-"
	}
	if s.Low == s.High {
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s to %s)", number(s.Median), number(s.Low), number(s.High))
}

// value is the median of a side.
func (m *Measure) value(side string) string {
	if m == nil {
		return "-"
	}
	s, ok := m.Of(side)
	if !ok {
		return "-"
	}
	return number(s.Median)
}
