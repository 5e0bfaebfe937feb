package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/stack"
)

const verdictInForce = "in_force"

// signs are what a plan shows in front of what is to be done.
func sign(do declare.Do) string {
	switch do {
	case declare.Create:
		return "+"
	case declare.Delete, declare.Deactivate:
		return "-"
	case declare.Refuse:
		return "!"
	}
	return "~"
}

func declaredText(p stack.DeclaredPlan) func(io.Writer) {
	return func(out io.Writer) {
		for _, a := range p.Actions {
			fmt.Fprintf(out, "%s %s %s%s\n", sign(a.Do), a.Kind, printable(a.Name), actionNote(a))
			for _, c := range a.Changes {
				fmt.Fprintf(out, "    %s  %s\n", c.Word, changeText(c))
			}
		}
		if p.Verdict == "superseded" {
			fmt.Fprintf(out, "A newer file is in force, taken by %s%s; apply would put this one in its place.\n", printable(p.By), atText(p.At))
		}
		if !p.Changes() {
			fmt.Fprintf(out, "Nothing to do: %s as the file says.\n", things(p.Unchanged))
			return
		}
		fmt.Fprintf(out, "%s; %d unchanged.\n", counted(p.Actions), p.Unchanged)
	}
}

func actionNote(a declare.Action) string {
	var notes []string
	switch {
	case a.Do == declare.Refuse:
		notes = append(notes, a.Reason+"; --adopt takes it over")
	case a.Do == declare.Adopt && a.Kind == declare.KindIdentity:
		notes = append(notes, "made by others; will be the file's, and keeps the password it has")
	case a.Do == declare.Adopt:
		notes = append(notes, "made by others; will be the file's")
	case a.Do == declare.Deactivate:
		notes = append(notes, "left the file; will be deactivated")
	case a.Do == declare.Delete && a.Kind == declare.KindIdentity:
		notes = append(notes, "left the file; will be deleted, with everything of theirs")
	case a.Do == declare.Delete:
		notes = append(notes, "left the file; will be deleted, with its tokens")
	}
	if a.Drift {
		by := "changed by hand"
		if a.By != "" {
			by += ", by " + printable(a.By)
		}
		if a.Do == declare.Create {
			by = a.Reason
		}
		notes = append(notes, by+atText(a.At))
	}
	if a.HeldBack && a.Reason != "" {
		notes = append(notes, a.Reason+", so a start leaves it")
	}
	if len(notes) == 0 {
		return ""
	}
	return ": " + strings.Join(notes, "; ")
}

func atText(at *time.Time) string {
	if at == nil {
		return ""
	}
	return " at " + at.UTC().Format(time.RFC3339)
}

// changeText says what a word was and is. A list is what comes and what goes.
func changeText(c declare.Change) string {
	was, wasList := c.Was.([]any)
	is, isList := c.Is.([]any)
	if wasList || isList {
		var parts []string
		for _, v := range is {
			if !slices.Contains(was, v) {
				parts = append(parts, "+"+valueText(v))
			}
		}
		for _, v := range was {
			if !slices.Contains(is, v) {
				parts = append(parts, "-"+valueText(v))
			}
		}
		return strings.Join(parts, " ")
	}
	if c.Was == nil && c.Is == nil {
		return "changed"
	}
	return valueText(c.Was) + " -> " + valueText(c.Is)
}

func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if v == "" {
			return "-"
		}
		return strconv.QuoteToGraphic(v)
	}
	return fmt.Sprint(v)
}

// counted says how many there are of each.
func counted(actions []declare.Action) string {
	n := map[declare.Do]int{}
	drift := 0
	for _, a := range actions {
		n[a.Do]++
		if a.Drift {
			drift++
		}
	}
	var parts []string
	for _, row := range []struct {
		do   declare.Do
		word string
	}{
		{declare.Create, "to create"},
		{declare.Update, "to update"},
		{declare.Adopt, "to adopt"},
		{declare.Deactivate, "to deactivate"},
		{declare.Delete, "to delete"},
		{declare.Refuse, "in the way"},
	} {
		if n[row.do] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[row.do], row.word))
		}
	}
	if drift > 0 {
		parts = append(parts, fmt.Sprintf("%d of them changed by hand", drift))
	}
	return strings.Join(parts, ", ")
}

func things(n int) string {
	if n == 1 {
		return "1 declared thing is"
	}
	return fmt.Sprintf("%d declared things are", n)
}

func doneText(r stack.DeclaredResult) func(io.Writer) {
	return func(out io.Writer) {
		for _, a := range r.Done {
			fmt.Fprintf(out, "%s %s %s\n", a.Kind, printable(a.Name), a.Do.Past())
		}
		if len(r.Done) == 0 {
			fmt.Fprintln(out, "file in force")
		}
	}
}
