package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// Result is the file that people send back. internal/proof reads the first fields of it.
type Result struct {
	// CockroachDB is the version as the server's name has it, v25.2.3; Server all that it says of itself.
	CockroachDB string `json:"cockroachdb"`
	Server      string `json:"server"`
	// Passed says that nothing failed, and that what matters was not skipped.
	Passed bool `json:"passed"`
	// Why not.
	Problems []string `json:"problems,omitempty"`
	// Identityd is the commit, with -dirty when files were changed.
	Identityd string    `json:"identityd"`
	Mode      string    `json:"mode"`
	Machine   Machine   `json:"machine"`
	Began     time.Time `json:"began"`
	Seconds   float64   `json:"seconds"`
	Tests     []Test    `json:"tests"`
	// FailedMigrations are the statements that the server refused, with its answer.
	FailedMigrations []string `json:"failed_migrations,omitempty"`
	// Facts are what the tests measured.
	Facts []string `json:"facts,omitempty"`
}

// Machine is where it ran.
type Machine struct {
	OS, Arch, Go string
	CPUs         int
	Memory       string `json:",omitempty"`
}

// Test is one test or subtest.
type Test struct {
	Name string `json:"name"`
	// Outcome is pass, fail or skip.
	Outcome string  `json:"outcome"`
	Seconds float64 `json:"seconds"`
	// Output is kept of what did not pass.
	Output string `json:"output,omitempty"`
}

// event is one line of go test -json.
type event struct {
	Time    time.Time
	Action  string
	Test    string
	Elapsed float64
	Output  string
}

// essential are tests without which a version counts as not tried.
func essential() []string {
	return []string{"TestVersion", "TestMigrations", "TestMigrationsAtOnce", "TestLeases", "TestTx", "TestJourney", "TestStartsAtOnce", "TestJanitor", "TestBootstrap"}
}

var (
	serverLine  = regexp.MustCompile(`COCKROACHDB VERSION: (.*)`)
	versionText = regexp.MustCompile(`^CockroachDB (?:\S+ )*?(v\d+\.\d+\.\d+\S*)`)
	failedLine  = regexp.MustCompile(`FAILED MIGRATION: (.*)`)
	factLine    = regexp.MustCompile(`((?:MIGRATED|RECOVERED) IN: .*)`)
)

// read makes a result of the events. A line that is none, from a build that failed, is a problem.
func read(in io.Reader) (Result, error) {
	r := Result{Tests: []Test{}}
	outputs, outcome := map[string]*strings.Builder{}, map[string]string{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	var last time.Time
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			r.Problems = append(r.Problems, strings.TrimSpace(lines.Text()))
			continue
		}
		if r.Began.IsZero() {
			r.Began = e.Time
		}
		if !e.Time.IsZero() {
			last = e.Time
		}
		if outputs[e.Test] == nil {
			outputs[e.Test] = &strings.Builder{}
		}
		switch e.Action {
		case "output":
			outputs[e.Test].WriteString(e.Output)
			r.line(e.Output)
		case "build-output", "build-fail":
			if text := strings.TrimSpace(e.Output); text != "" {
				r.Problems = append(r.Problems, text)
			}
		case "pass", "fail", "skip":
			if e.Test == "" {
				if e.Action == "fail" {
					outcome["the package"] = "fail"
				}
				continue
			}
			test := Test{Name: e.Test, Outcome: e.Action, Seconds: e.Elapsed}
			if e.Action != "pass" {
				test.Output = strings.TrimSpace(outputs[e.Test].String())
			}
			outcome[e.Test] = e.Action
			r.Tests = append(r.Tests, test)
		}
	}
	if err := lines.Err(); err != nil {
		return r, fmt.Errorf("reading events: %w", err)
	}
	r.Seconds = last.Sub(r.Began).Round(time.Second).Seconds()
	r.judge(outcome, outputs)
	return r, nil
}

func (r *Result) line(text string) {
	if m := serverLine.FindStringSubmatch(text); m != nil {
		r.Server = strings.TrimSpace(m[1])
		if v := versionText.FindStringSubmatch(r.Server); v != nil {
			r.CockroachDB = v[1]
		}
	}
	if m := failedLine.FindStringSubmatch(text); m != nil {
		r.FailedMigrations = append(r.FailedMigrations, strings.TrimSpace(m[1]))
	}
	if m := factLine.FindStringSubmatch(text); m != nil {
		r.Facts = append(r.Facts, strings.TrimSpace(m[1]))
	}
}

func (r *Result) judge(outcome map[string]string, outputs map[string]*strings.Builder) {
	if r.CockroachDB == "" {
		r.Problems = append(r.Problems, "no server said that it is a CockroachDB")
	}
	failed := false
	for _, test := range r.Tests {
		if test.Outcome == "fail" {
			failed = true
			r.Problems = append(r.Problems, test.Name+" failed")
		}
	}
	if outcome["the package"] == "fail" && !failed {
		// It ended without a test of its own failing: a crash, a timeout, or a fault of TestMain.
		text := ""
		if out := outputs[""]; out != nil {
			text = ": " + strings.TrimSpace(out.String())
		}
		r.Problems = append(r.Problems, "the suite did not come to its end"+text)
	}
	for _, name := range essential() {
		switch outcome[name] {
		case "pass", "fail":
		case "skip":
			r.Problems = append(r.Problems, name+" was skipped")
		default:
			r.Problems = append(r.Problems, name+" was not run")
		}
	}
	r.Passed = len(r.Problems) == 0
}
