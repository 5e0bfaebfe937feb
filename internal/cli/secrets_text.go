package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/stack"
)

func printRotated(out io.Writer, r stack.Rotated) {
	verb := ""
	if r.DryRun {
		verb = "would be "
	}
	for _, l := range r.Lists {
		switch {
		case l.Added != "" && r.Stage == secrets.Add:
			fmt.Fprintf(out, "%-6s %s %sadded; %s seals\n", l.Kind, l.Added, verb, l.Sealing)
		case l.Added != "":
			fmt.Fprintf(out, "%-6s %s %sadded, and seals\n", l.Kind, l.Added, verb)
		case r.Stage == secrets.Promote:
			fmt.Fprintf(out, "%-6s %s %spromoted: it seals\n", l.Kind, l.Sealing, verb)
		}
		for _, d := range l.Dropped {
			fmt.Fprintf(out, "%-6s %s %sdropped\n", l.Kind, d, verb)
		}
		for _, k := range slices.Sorted(maps.Keys(l.Kept)) {
			if slices.Contains(l.Dropped, k) {
				fmt.Fprintf(out, "%-6s %s lost: %s\n", l.Kind, k, strings.Join(l.Kept[k], "; "))
				continue
			}
			fmt.Fprintf(out, "%-6s %s kept: %s\n", l.Kind, k, strings.Join(l.Kept[k], "; "))
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(out, "note: %s\n", n)
	}
	switch {
	case !r.Changed:
		fmt.Fprintln(out, "nothing is to do: there is one secret of each kind")
		return
	case r.DryRun:
		fmt.Fprintln(out, "nothing was written")
		return
	}
	fmt.Fprintf(out, "wrote %s\n\nNow:\n", r.Path)
	for i, step := range nextSteps(r) {
		fmt.Fprintf(out, "  %d. %s\n", i+1, step)
	}
}

// nextSteps say what has to be restarted, and when.
func nextSteps(r stack.Rotated) []string {
	all := "Give the file to every process and restart them one after another"
	if n := len(r.Processes); n > 0 {
		all += fmt.Sprintf(" (%d serve now: %s)", n, strings.Join(r.Processes, ", "))
	}
	drop := "Later, when identityd secrets status calls the old ones not needed: identityd secrets rotate --stage drop"
	switch r.Stage {
	case secrets.Add:
		return []string{
			all + ". In any order: all of them still seal with the old secret.",
			"When all have been restarted: identityd secrets rotate --stage promote (it is refused before).",
		}
	case secrets.Promote:
		return []string{
			all + ". In any order: all of them know both secrets.",
			"They seal signing keys and tokens of providers anew by themselves. " + drop,
		}
	case secrets.Drop:
		return []string{all + ". In any order: nothing needs the old secrets."}
	default:
		return []string{
			"Restart identityd. It seals signing keys and tokens of providers anew by itself.",
			"With several processes on this file, do not restart them one by one: take this back, and go with --stage add instead.",
			drop,
		}
	}
}

func printSecretsStatus(out io.Writer, s stack.SecretsStatus) {
	fmt.Fprintf(out, "secrets of %s\n", s.Source)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tFINGERPRINT\tROLE\tMADE\tNEEDED\tROWS\tSIGN-INS")
	for _, one := range s.Secrets {
		made, needed, rows := "unknown", "no", int64(0)
		if one.Made != nil {
			made = one.Made.UTC().Format(time.DateOnly)
		}
		switch {
		case one.Role == "sealing":
			needed = "yes"
		case one.Needed && one.Until != nil && len(one.Reasons) == 1:
			needed = "until " + one.Until.UTC().Format(time.RFC3339)
		case one.Needed:
			needed = "yes"
		}
		for _, n := range one.Rows {
			rows += n
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", one.Kind, one.Fingerprint, one.Role, made, needed, rows, one.Sessions)
	}
	w.Flush() //nolint:errcheck // as for any print
	for _, one := range s.Secrets {
		for _, why := range one.Reasons {
			fmt.Fprintf(out, "%s %s: %s\n", one.Kind, one.Fingerprint, why)
		}
	}
	switch len(s.Processes) {
	case 0:
		fmt.Fprintln(out, "no process serves")
	default:
		fmt.Fprintf(out, "%d serving: %s\n", len(s.Processes), strings.Join(s.Processes, ", "))
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
}

func printResealed(out io.Writer, tables []stack.Resealed) {
	total := int64(0)
	for _, t := range tables {
		total += t.Resealed
		if t.Resealed > 0 || t.Left > 0 || t.Unknown > 0 {
			fmt.Fprintf(out, "%s: %d sealed anew, %d need an older secret until they end, %d are opened by none\n",
				t.Table, t.Resealed, t.Left, t.Unknown)
		}
	}
	fmt.Fprintf(out, "%d rows sealed anew\n", total)
}
