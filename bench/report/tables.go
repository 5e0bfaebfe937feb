package report

import (
	"fmt"
	"slices"
	"strings"
)

// rows are the rows of a group in the order in which they were measured.
func (f *File) rows(group string) []string {
	var out []string
	for _, m := range f.Measures {
		if m.Group == group && !slices.Contains(out, m.Row) {
			out = append(out, m.Row)
		}
	}
	return out
}

func (f *File) title(group, row string) string {
	for _, m := range f.Measures {
		if m.Group == group && m.Row == row {
			return m.Title
		}
	}
	return row
}

// spread is a median with how far the rounds are from it.
func (m *Measure) spread(side string) string {
	if m == nil {
		return "-"
	}
	s, ok := m.Of(side)
	if !ok {
		return "-"
	}
	if s.Rounds == 1 {
		return number(s.Median)
	}
	return fmt.Sprintf("%s ± %.0f %%", number(s.Median), 100*s.Noise())
}

func (f *File) speed() string {
	var rows [][]string
	for _, r := range f.rows(Speed) {
		rate, cpu, db, bench := f.Find(Speed, r, "rate"), f.Find(Speed, r, "cpu"), f.Find(Speed, r, "cpu_database"), f.Find(Speed, r, "cpu_bench")
		peak := f.Find(Speed, r, "rss_peak")
		if rate == nil {
			continue
		}
		rows = append(rows, []string{
			rate.Title, rate.spread(Ours), rate.spread(Official), "**" + rate.got() + "**",
			both(cpu), both(db), both(bench), both(peak),
		})
	}
	text := table("**How much it can do**: operations a second in a closed loop. CPU in ms for each operation, of the side's processes, of PostgreSQL and of the bench, and the peak of "+
		"resident memory of all the side's processes in MB: ours / official.",
		[]string{"operation", "identityd", "official", "ratio", "CPU", "of PostgreSQL", "of the bench", "peak MB"}, rows)
	return text
}

// both are the medians of both sides in one cell.
func both(m *Measure) string { return m.value(Ours) + " / " + m.value(Official) }

func (f *File) latency() string {
	var rows [][]string
	for _, r := range f.rows(Latency) {
		offered, p50, p95, p99 := f.Find(Latency, r, "offered"), f.Find(Latency, r, "p50"), f.Find(Latency, r, "p95"), f.Find(Latency, r, "p99")
		if p99 == nil || p50 == nil {
			continue
		}
		rows = append(rows, []string{p50.Title, offered.value(Ours), both(p50), p50.got(), both(p95), both(p99), p99.got()})
	}
	return table("**How long one waits** at the same rate on both sides, in an open loop, from when an operation was due: ms, ours / official. "+
		"Where fewer than a hundred came in a round, its p99 is the slowest.",
		[]string{"operation", "a second", "p50", "ratio", "p95", "p99", "ratio"}, rows)
}

func (f *File) counts() string {
	var rows [][]string
	for _, r := range f.rows(Counts) {
		s := f.Find(Counts, r, "statements")
		if s == nil {
			continue
		}
		cell := func(kind string) string { return both(f.Find(Counts, r, kind)) }
		rows = append(rows, []string{
			s.Title, cell("statements"), s.got(), cell("control"), cell("round_trips"), cell("bytes_sent"), cell("bytes_received"), cell("allocations"), cell("allocated"),
			cell("connections"),
		})
	}
	text := table("**What one operation takes**, counted: SQL statements, those that only begin or end a transaction, round trips and bytes to and from PostgreSQL, allocations and kB of the "+
		"Go processes (Node says nothing of its own), connections that the side's processes opened to each other: ours / official.",
		[]string{"operation", "statements", "ratio", "begin, commit", "round trips", "bytes to", "bytes from", "allocations", "kB", "connections"}, rows)
	if all := f.Find(Counts, "all", "connections_of_its_own"); all != nil && text != "" {
		text += fmt.Sprintf("\nConnections that the processes of a side had among themselves in the whole pass: %s at identityd, %s at the official set-up.\n", all.value(Ours), all.value(Official))
	}
	return text
}

// plain is a table of rows that have one kind each.
func (f *File) plain(group, title string) string {
	var rows [][]string
	for i := range f.Measures {
		m := &f.Measures[i]
		if m.Group != group {
			continue
		}
		rows = append(rows, []string{strings.TrimSpace(m.Title), m.Unit, m.spread(Ours), m.spread(Official), m.ratio()})
	}
	return table(title, []string{"", "unit", "identityd", "official", "ratio"}, rows)
}

func (f *File) footprint() string {
	return f.plain(Footprint, "**Starting, memory and size**: of all processes of a side together.")
}

func (f *File) growth() string {
	return f.grid(Growth, "**Growth**: operations a second with more and more rows in the database, ours / official.")
}

func (f *File) processes() string {
	return f.grid(Processes, "**Processes**: operations a second of so many processes (of each role) on one database, ours / official.")
}

// grid has a column for each kind.
func (f *File) grid(group, title string) string {
	var kinds []string
	for _, m := range f.Measures {
		if m.Group == group && !slices.Contains(kinds, m.Kind) {
			kinds = append(kinds, m.Kind)
		}
	}
	var rows [][]string
	for _, r := range f.rows(group) {
		row := []string{f.title(group, r)}
		for _, k := range kinds {
			row = append(row, both(f.Find(group, r, k)))
		}
		rows = append(rows, row)
	}
	head := []string{""}
	for _, k := range kinds {
		head = append(head, strings.ReplaceAll(k, "_", " "))
	}
	return table(title, head, rows)
}
