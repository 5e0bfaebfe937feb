package doctor_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

// The page and what is around the table in it.
const (
	page  = "../../docs/operating.md"
	begin = "<!-- Written by go test ./internal/doctor -update. -->\n"
	end   = "<!-- The end of the checks. -->\n"
)

// TestTheDocumentationListsAllChecks holds the table of docs/operating.md against the list of checks.
func TestTheDocumentationListsAllChecks(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| Check | Finds nothing when | Needs |\n| --- | --- | --- |\n")
	for _, area := range doctor.Areas() {
		for _, c := range doctor.All() {
			if c.Area == area {
				fmt.Fprintf(&b, "| `%s/%s` | %s | %s |\n", c.Area, c.Name, c.Tells, needs(c.Needs))
			}
		}
	}
	b.WriteString("\n")
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table of checks", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+b.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table, b.String()); diff != "" {
		t.Errorf("the table of %s (-is +should be); go test ./internal/doctor -update writes it:\n%s", page, diff)
	}
}

func needs(n doctor.Needs) string {
	var out []string
	for _, one := range []struct {
		need doctor.Needs
		word string
	}{
		{doctor.NeedsDatabase, "databases"}, {doctor.NeedsTables, "tables"}, {doctor.NeedsNetwork, "network"}, {doctor.NeedsProcess, "a running identityd"},
	} {
		if n&one.need != 0 {
			out = append(out, one.word)
		}
	}
	return strings.Join(out, ", ")
}
