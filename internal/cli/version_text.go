package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/identityd/internal/upstream"
)

// printEngines is version --engines for people.
func printEngines(w io.Writer, v versions) {
	fmt.Fprintf(w, "identityd %s\n", v.Version)
	if v.Commit != "" {
		fmt.Fprintf(w, "commit %s of %s\n", v.Commit, v.CommitDate)
	}
	fmt.Fprintf(w, "%s, %s\n\nLinked:\n", v.Go, v.Platform)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range v.Engines.Engines {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", e.Name, e.Version, madeOf(e))
	}
	_ = table.Flush() // as every other write here: what fails is said by show
	fmt.Fprintf(w, "  not linked: %s\n", strings.Join(v.Engines.NotLinked, ", "))
	for _, part := range []struct {
		title  string
		status upstream.Status
	}{
		{"Fixes of later versions that are carried", upstream.Carried},
		{"Not carried", upstream.NotCarried},
		{"Without meaning for these versions", upstream.NotApplicable},
	} {
		fmt.Fprintf(w, "\n%s:\n", part.title)
		for _, f := range v.Engines.Fixes {
			if f.Status != part.status {
				continue
			}
			fmt.Fprintf(w, "  %s (%s)\n", strings.ReplaceAll(f.What, "`", ""), f.Upstream)
			if f.Status != upstream.Carried {
				fmt.Fprintf(w, "    %s\n", f.Plain())
			}
		}
	}
	fmt.Fprintln(w, "\nWhat holds each is in docs/security.md, Fixes after the pin.")
}

// madeOf is what a version was made of: its commit, or the hash of its files where nobody says which commit it was.
func madeOf(e upstream.Engine) string {
	out := "commit " + e.Commit
	if e.Commit == "" {
		out = "files " + e.Sum
	}
	if e.Inside != "" {
		out += ", " + e.Inside
	}
	return out
}
