package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/identityd/internal/why"
)

func printWhy(out io.Writer, e explained) {
	fmt.Fprintf(out, "%s\n\n", e.Sentence)
	if e.Cure != "" {
		fmt.Fprintf(out, "What to do: %s\n\n", e.Cure)
	}
	if e.Cause != "" {
		shown := ""
		if e.Shown != "" {
			shown = ", shown as " + e.Shown
		}
		fmt.Fprintf(out, "Code: %s%s (docs/errors.md)\n\n", e.Cause, shown)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tREQUEST\tWHAT\tANSWER\tTOOK")
	for _, s := range e.Steps {
		mark := ""
		if s.Request == e.Request {
			mark = " <-"
		}
		what, answer, took := "-", "-", "-"
		if s.Logged {
			what, took = s.Method+" "+s.Path, (time.Duration(s.Millis) * time.Millisecond).String()
			answer = strings.TrimSpace(fmt.Sprint(s.Status) + " " + strings.Join(s.Causes, " "))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", clock(s.At), s.Request+mark, what, answer, took)
		for _, ev := range s.Events {
			fmt.Fprintf(w, "%s\t\t  %s\t%s\t\n", clock(ev.At), eventLine(ev), ev.Outcome)
		}
		for _, n := range s.Notes {
			text := n.Text
			if n.Err != "" {
				text += ": " + n.Err
			}
			fmt.Fprintf(w, "%s\t\t  %s\t%s\t\n", clock(n.At), text, strings.ToLower(n.Level))
		}
	}
	w.Flush() //nolint:errcheck // as for any print
	printTraces(out, e)
	for _, l := range e.Looked {
		if l.Note != "" && l.Lines == 0 {
			fmt.Fprintf(out, "\nNot asked: %s (%s)", l.Where, l.Note)
		}
	}
	fmt.Fprintln(out)
}

// printTraces says where a collector has the same requests: those of a sign-in follow the one that failed.
func printTraces(out io.Writer, e explained) {
	var sent []string
	if slices.ContainsFunc(e.Steps, func(s *why.Step) bool { return s.Traced }) {
		for _, s := range e.Steps {
			if s.Trace != "" && !slices.Contains(sent, s.Trace) {
				sent = append(sent, s.Trace)
			}
		}
	}
	if e.Story != "" {
		fmt.Fprintf(out, "\nIn the collector: identityd.sign_in = %s", e.Story)
	}
	if len(sent) > 0 {
		fmt.Fprintf(out, "\nTraces: %s", strings.Join(sent, " "))
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }

func eventLine(e why.Event) string {
	parts := []string{e.Kind}
	for _, p := range [...][2]string{{"by", e.By}, {"identity", e.Subject}, {"client", e.Client}} {
		if p[1] != "" && p[1] != "person" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}
