package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

func events(list ...event) string {
	var b strings.Builder
	for _, e := range list {
		raw, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		b.Write(append(raw, '\n'))
	}
	return b.String()
}

func TestTheTableSaysWhatHappened(t *testing.T) {
	said := events(
		event{Action: "output", Test: "TestA/sub", Output: "    a_test.go:3: " + tried.Line("six at once", "one got in, {1: 25}") + "\n"},
		event{Action: "pass", Test: "TestA/sub"},
		event{Action: "pass", Test: "TestA", Elapsed: 1},
		event{Action: "fail", Test: "TestB"},
		event{Action: "output", Test: "TestC", Output: "    c_test.go:9: SKIP: no cluster\n"},
		event{Action: "skip", Test: "TestC"},
		event{Action: "pass", Test: "TestD"},
		event{Action: "skip", Test: "TestD"},
		event{Action: "pass", Test: "TestEachOneHolds"},
	)
	outcomes, err := read(strings.NewReader(said), func(event) {})
	if err != nil {
		t.Fatal(err)
	}
	text, failed := table([]claim{
		{"One", "codes", []string{"TestA", "TestB"}},
		{"Two", "regions", []string{"TestC", "TestD", "TestEachOneHolds", "TestGone"}},
	}, outcomes)
	want := `
### One

| Fault | Tried | Happened | Test |
| --- | --- | --- | --- |
| codes | six at once | one got in, {1: 25} | ` + "`TestA`" + ` |
| codes |  | **FAILED** | ` + "`TestB`" + ` |

### Two

| Fault | Tried | Happened | Test |
| --- | --- | --- | --- |
| regions |  | SKIP: no cluster | ` + "`TestC`" + ` |
| regions |  | SKIP:  | ` + "`TestD`" + ` |
| regions | each one holds | passed | ` + "`TestEachOneHolds`" + ` |
| regions |  | **did not run** | ` + "`TestGone`" + ` |
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"TestB", "TestGone (did not run)"}, failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}

func TestClaimsAreRowsThatNameTests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "security.md")
	text := "## Codes\n\n| Fault | Defense | Tests |\n| --- | --- | --- |\n| twice ([ADR 16](adr/16.md)) | claims | `TestA`, `TestB` |\n| none yet | | |\n\nProse with `TestC`.\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := claims(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []claim{{"Codes", "twice (ADR 16)", []string{"TestA", "TestB"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(claim{})); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}
