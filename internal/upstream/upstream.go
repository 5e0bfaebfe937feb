package upstream

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
)

// data is the one place of these facts: docs/security.md and SECURITY.md have their tables from it (make golden).
//
//go:embed upstream.json
var data []byte

// Engine is one of the modules that decide what identityd does with people, tokens and databases.
type Engine struct {
	Name   string `json:"name"`
	Module string `json:"module"`
	// Version is the one that is linked, which a replacement in go.mod may have decided.
	Version string `json:"version"`
	// Commit is empty where the Go module proxy does not say which one a version was made of.
	Commit string `json:"commit"`
	Date   string `json:"date"`
	// Inside is a program of others that the module carries.
	Inside string `json:"inside,omitempty"`
	// Sum is the hash of the module's files, as go.sum and the checksum database have it.
	Sum string `json:"sum"`
}

// Status is what became of a fix.
type Status string

// What becomes of a fix that upstream made after the pin.
const (
	Carried       Status = "carried"
	NotCarried    Status = "not_carried"
	NotApplicable Status = "not_applicable"
)

// Fix is a change of upstream after the pin.
type Fix struct {
	Upstream string `json:"upstream"`
	What     string `json:"what"`
	Status   Status `json:"status"`
	// Short names it in SECURITY.md; what does not apply has none.
	Short string `json:"short,omitempty"`
	// Here is what this program does, in Markdown of docs/security.md.
	Here string `json:"here"`
}

// Facts are all of them.
type Facts struct {
	Engines []Engine `json:"engines"`
	Fixes   []Fix    `json:"fixes"`
}

// Known returns what the file says.
func Known() (Facts, error) {
	var f Facts
	if err := json.Unmarshal(data, &f); err != nil {
		return Facts{}, fmt.Errorf("reading what is known of the engines: %w", err)
	}
	return f, nil
}

// Linked returns the engines with the versions and sums that a program says it is made of. A version that the
// file does not know has no commit, rather than that of another.
func Linked(known []Engine, info *debug.BuildInfo) []Engine {
	// The programs of tests say nothing of what is in them; it is what go.mod says, as TestTheEnginesAreThoseThatGoModNames holds it.
	if len(info.Deps) == 0 {
		return known
	}
	inside := map[string]debug.Module{}
	for _, d := range info.Deps {
		m := *d
		if d.Replace != nil {
			m = *d.Replace
		}
		inside[d.Path], inside[m.Path] = m, m
	}
	out := make([]Engine, 0, len(known))
	for _, e := range known {
		m, linked := inside[e.Module]
		if !linked {
			continue
		}
		if m.Version != e.Version {
			e.Version, e.Commit, e.Date, e.Inside = m.Version, "", "", ""
		}
		e.Sum = m.Sum
		out = append(out, e)
	}
	return out
}

// Plain is what a fix comes to here, without Markdown and without the names of tests.
func (f Fix) Plain() string {
	text := f.Here
	for {
		before, rest, ok := strings.Cut(text, "](")
		if !ok {
			break
		}
		_, after, _ := strings.Cut(rest, ")")
		text = before + after
	}
	return strings.NewReplacer("[", "", "**", "", "`", "").Replace(text)
}
