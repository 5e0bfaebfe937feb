package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// stepResult is what one step of one journey came to.
type stepResult struct {
	Journey    int    `json:"journey"`
	Name       string `json:"name"`
	OK         bool   `json:"ok"`
	Skipped    bool   `json:"skipped,omitempty"`
	Detail     string `json:"detail"`
	DurationMS int64  `json:"duration_ms"`
}

// report is the whole result. Dialed counts the TCP connections that were opened, by address.
type report struct {
	Steps  []stepResult   `json:"steps"`
	Dialed map[string]int `json:"dialed"`
}

func (r report) failures() []stepResult {
	var failed []stepResult
	for _, s := range r.Steps {
		if !s.OK {
			failed = append(failed, s)
		}
	}
	return failed
}

func (r report) print(w io.Writer) {
	for _, s := range r.Steps {
		verdict := "ok  "
		switch {
		case !s.OK:
			verdict = "FAIL"
		case s.Skipped:
			verdict = "skip"
		}
		fmt.Fprintf(w, "%s %3d %-40s %6d ms  %s\n", verdict, s.Journey, s.Name, s.DurationMS, s.Detail)
	}
	for _, address := range slices.Sorted(maps.Keys(r.Dialed)) {
		fmt.Fprintf(w, "dialed %s: %d\n", address, r.Dialed[address])
	}
}
