package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"example.com/identityd/internal/tried"
)

// outcome is what became of one test and its subtests.
type outcome struct {
	// Verdict is pass, fail or skip; empty when the test did not run or did not end.
	Verdict string
	Seconds float64
	// Reports are lines of internal/tried, Skips the reasons of what was skipped.
	Reports [][2]string
	Skips   []string
	// Said is all of its output.
	Said []string
}

type event struct {
	Action, Test, Output string
	Elapsed              float64
}

var skipped = regexp.MustCompile(`SKIP: (.*)`)

// read gathers the events of go test -json by the name of the outermost test. Lines go to each as they come.
func read(in io.Reader, each func(event)) (map[string]*outcome, error) {
	out := map[string]*outcome{}
	events := json.NewDecoder(in)
	for {
		var e event
		switch err := events.Decode(&e); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, fmt.Errorf("reading what the tests said: %w", err)
		}
		each(e)
		if e.Test == "" {
			continue
		}
		name, _, below := strings.Cut(e.Test, "/")
		o := out[name]
		if o == nil {
			o = &outcome{}
			out[name] = o
		}
		switch e.Action {
		case "pass", "fail", "skip":
			// A name may stand in several packages: the worst counts.
			if !below {
				o.Seconds += e.Elapsed
				if o.Verdict == "" || e.Action == "fail" || o.Verdict == "pass" && e.Action == "skip" {
					o.Verdict = e.Action
				}
			}
		case "output":
			o.take(e.Output)
		}
	}
}

func (o *outcome) take(line string) {
	o.Said = append(o.Said, line)
	if _, text, ok := strings.Cut(line, tried.Mark); ok {
		what, happened, _ := strings.Cut(strings.TrimSpace(text), tried.Between)
		o.Reports = append(o.Reports, [2]string{what, happened})
		return
	}
	if m := skipped.FindStringSubmatch(line); m != nil {
		o.Skips = append(o.Skips, strings.TrimSpace(m[1]))
	}
}
