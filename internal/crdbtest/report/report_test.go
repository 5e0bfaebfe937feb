package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const version = "CockroachDB CCL v25.2.3 (x86_64-pc-linux-gnu, built 2026/01/02 03:04:05, go1.23)"

// events is a run of the essential tests, in which the outcome of some is another one.
func events(outcomes map[string]string, output map[string]string) string {
	var b strings.Builder
	line := func(action, test, text string) {
		raw, err := json.Marshal(map[string]any{
			"Time": "2026-11-26T12:00:00Z", "Action": action, "Test": test, "Output": text, "Elapsed": 1.5,
		})
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "%s\n", raw)
	}
	whole := "pass"
	for _, test := range essential() {
		line("run", test, "")
		line("output", test, output[test])
		outcome := "pass"
		if o, ok := outcomes[test]; ok {
			outcome = o
		}
		if outcome == "fail" {
			whole = "fail"
		}
		if outcome != "" {
			line(outcome, test, "")
		}
	}
	if o, ok := outcomes[""]; ok {
		whole = o
	}
	line("output", "", output[""])
	line(whole, "", "")
	return b.String()
}

func TestResults(t *testing.T) {
	said := map[string]string{"TestVersion": "    migrations_test.go:18: COCKROACHDB VERSION: " + version + "\n"}
	with := func(test, text string) map[string]string {
		return map[string]string{"TestVersion": said["TestVersion"], test: text}
	}
	for _, tt := range []struct {
		name, in string
		problems []string
	}{
		{"everything passed", events(nil, said), nil},
		{"one failed", events(map[string]string{"TestTx": "fail"}, said), []string{"TestTx failed"}},
		{"what matters was skipped", events(map[string]string{"TestJourney": "skip"}, said), []string{"TestJourney was skipped"}},
		{"what matters was not run", events(map[string]string{"TestJourney": ""}, said), []string{"TestJourney was not run"}},
		{
			"a crash", events(map[string]string{"TestStartsAtOnce": "", "": "fail"}, with("", "panic: test timed out")),
			[]string{"the suite did not come to its end: panic: test timed out", "TestStartsAtOnce was not run"},
		},
		{"no CockroachDB", events(nil, nil), []string{"no server said that it is a CockroachDB"}},
		{
			"a build that failed", "cannot find package\n" + events(nil, said),
			[]string{"cannot find package"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := read(strings.NewReader(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.problems, r.Problems); diff != "" || r.Passed != (len(tt.problems) == 0) {
				t.Errorf("got passed %v (-want +got)\n%s", r.Passed, diff)
			}
		})
	}
	t.Run("what failed is kept, with the statement", func(t *testing.T) {
		const failed = "    migrated_test.go:70: FAILED MIGRATION: 20211004110003000000: dropped: 2021_x.up.sql: ALTER TABLE a\n"
		r, err := read(strings.NewReader(events(map[string]string{"TestMigrations": "fail"}, with("TestMigrations", failed))))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"20211004110003000000: dropped: 2021_x.up.sql: ALTER TABLE a"}, r.FailedMigrations); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if got := r.Tests[1]; got.Outcome != "fail" || got.Output != strings.TrimSpace(failed) {
			t.Errorf("got %+v, want the output", got)
		}
		if r.Tests[0].Output != "" {
			t.Errorf("got output %q of a test that passed", r.Tests[0].Output)
		}
	})
}

func TestTheFileIsNamedAfterTheVersion(t *testing.T) {
	said := map[string]string{"TestVersion": "COCKROACHDB VERSION: " + version}
	dir := t.TempDir()
	var out, problems bytes.Buffer
	args := []string{"-folder", filepath.Join(dir, "new"), "-identityd", "v1-2-gabc", "-mode", "binary"}
	if code := run(args, strings.NewReader(events(nil, said)), &out, &problems); code != 0 {
		t.Fatalf("got exit %d: %s", code, &problems)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "new", "cockroachdb-v25.2.3.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Passed || got.CockroachDB != "v25.2.3" || got.Server != version || got.Identityd != "v1-2-gabc" || len(got.Tests) != len(essential()) {
		t.Errorf("got %+v", got)
	}
	if code := run([]string{"-folder", dir}, strings.NewReader(""), &out, &problems); code != 1 {
		t.Errorf("nothing at all: got exit %d, want 1", code)
	}
}
