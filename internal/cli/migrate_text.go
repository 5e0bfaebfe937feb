package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/identityd/internal/stack"
)

func statusText(s stack.SchemaStatus) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range s.Databases {
		fmt.Fprintf(w, "%s\t%d of %d migrations applied", d.Engine, d.Applied, d.Applied+len(d.Pending))
		if n := len(d.Newer); n > 0 {
			fmt.Fprintf(w, ", and %d that this version does not know, up to %s", n, d.Newer[n-1])
		}
		fmt.Fprintln(w)
	}
	if s.Schema != nil {
		fmt.Fprintf(w, "identityd\tschema %d, this version knows %d", s.Schema.Version, s.Schema.Known)
		if s.Schema.Release != "" {
			fmt.Fprintf(w, "; made by %s", s.Schema.Release)
		}
		fmt.Fprintln(w)
	}
	for _, d := range s.Databases {
		fmt.Fprintf(w, "tenant\t%s %s\n", d.Engine, orNone(d.Tenant))
	}
	for _, set := range slices.Sorted(maps.Keys(s.Keys)) {
		fmt.Fprintf(w, "keys\t%s %d\n", set, s.Keys[set])
	}
	if len(s.Keys) == 0 {
		fmt.Fprintln(w, "keys\tnone")
	}
	w.Flush() //nolint:errcheck // into memory
	switch {
	case s.Refused != "":
		fmt.Fprintf(&b, "\nthis version does not serve: %s\n", s.Refused)
	case s.UpToDate:
		fmt.Fprintln(&b, "\nup to date")
	default:
		fmt.Fprintln(&b, "\nto bring it up to date, run identityd migrate")
	}
	return b.String()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func planText(planned []stack.Planned) string {
	if len(planned) == 0 {
		return "-- nothing is pending\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- Pending: %d. This is for reading: identityd migrate runs it, and keeps the record.\n", len(planned))
	fmt.Fprintln(&b, "-- An empty database is made at once from a baseline with the same result, where one is built in.")
	for _, p := range planned {
		fmt.Fprintf(&b, "\n-- %s %s %s\n", p.Engine, p.Version, p.Name)
		if p.Changed {
			fmt.Fprintln(&b, "-- identityd's text in place of the engine's")
		}
		if p.SQL == "" {
			fmt.Fprintln(&b, "-- nothing to do on this kind of database")
			continue
		}
		fmt.Fprintln(&b, p.SQL)
	}
	return b.String()
}
