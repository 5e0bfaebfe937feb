// Package tried lets a security test put on record what it tried and what happened.
package tried

import (
	"fmt"
	"strings"
	"testing"
)

// Mark begins a line of a report in the log of a test. internal/tried/table looks for it.
const Mark = "TRIED: "

// Between stands between what was tried and what happened.
const Between = " => "

// Report says what a test tried and, with the facts it measured, what happened. `make security` makes
// its table of it.
func Report(t testing.TB, what, happened string, facts ...any) {
	t.Helper()
	t.Log(Line(what, fmt.Sprintf(happened, facts...)))
}

// Line is the line of a report.
func Line(what, happened string) string {
	flat := strings.NewReplacer("\n", " ", Between, " -> ")
	return Mark + flat.Replace(what) + Between + flat.Replace(happened)
}
