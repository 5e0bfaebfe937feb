package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The names of the two sides in every measure.
const (
	Ours     = "identityd"
	Official = "official"
)

// File is one run of the bench.
type File struct {
	// Schema is the version of this form.
	Schema  int       `json:"schema"`
	Made    time.Time `json:"made"`
	Took    string    `json:"took"`
	Commit  string    `json:"commit"`
	Command string    `json:"command"`
	Machine Machine   `json:"machine"`
	// Versions are those of programs and modules by name.
	Versions map[string]string `json:"versions"`
	// Settings are how load was made, and how the sides and the database were set, by name.
	Settings map[string]any `json:"settings"`
	Measures []Measure      `json:"measures"`
	// Statements are the SQL of one operation by its name and side, with how often it was executed.
	Statements map[string]map[string][]Statement `json:"statements,omitempty"`
	// Notes are sentences about what was not measured, and why.
	Notes []string `json:"notes,omitempty"`
}

// Schema is the version that this program writes and compares.
const Schema = 1

// Machine is what the run was made on.
type Machine struct {
	Name   string `json:"name"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int    `json:"memory_mb"`
	Kernel string `json:"kernel"`
}

// Statement is one text of SQL.
type Statement struct {
	Count float64 `json:"count"`
	Text  string  `json:"text"`
}

// Measure is one thing that was measured on both sides, or on one.
type Measure struct {
	// Group is the table it belongs to, Row its line there, Kind what of the row it is: rate, p99, statements.
	Group string `json:"group"`
	Row   string `json:"row"`
	Kind  string `json:"kind"`
	Title string `json:"title"`
	Unit  string `json:"unit"`
	// Higher is set where more is better.
	Higher bool `json:"higher,omitempty"`
	// Goal is what issue F asks of the ratio to the official side, or of our own value where Absolute is set. 0 is no goal.
	Goal     float64 `json:"goal,omitempty"`
	Absolute bool    `json:"absolute,omitempty"`
	// Exact is set where there is no noise, as in the size of a file: every difference is one.
	Exact bool `json:"exact,omitempty"`
	// Setting is a value that was chosen and not measured, which nobody compares.
	Setting bool `json:"setting,omitempty"`
	// Samples are the values of the rounds by side, in the order of the rounds.
	Samples map[string][]float64 `json:"samples"`
}

// Key tells a measure from every other.
func (m *Measure) Key() string { return m.Group + "/" + m.Row + "/" + m.Kind }

// Find is the measure of that key, nil when there is none.
func (f *File) Find(group, row, kind string) *Measure {
	for i := range f.Measures {
		if m := &f.Measures[i]; m.Group == group && m.Row == row && m.Kind == kind {
			return m
		}
	}
	return nil
}

// Add puts a value behind those of the measure of the same key, which like describes when there is none yet.
func (f *File) Add(like Measure, side string, values ...float64) {
	m := f.Find(like.Group, like.Row, like.Kind)
	if m == nil {
		like.Samples = map[string][]float64{}
		f.Measures = append(f.Measures, like)
		m = &f.Measures[len(f.Measures)-1]
	}
	m.Samples[side] = append(m.Samples[side], values...)
}

// Read reads a file of this form.
func Read(name string) (*File, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading results: %w", err)
	}
	var f File
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("reading results: %s: %w", name, err)
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("reading results: %s: schema is %d, must be %d; run the bench again", name, f.Schema, Schema)
	}
	return &f, nil
}

// Write writes the file whole or not at all.
func (f *File) Write(name string) error {
	raw, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	return replace(name, append(raw, '\n'))
}

func replace(name string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.WriteFile(name+".new", raw, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// Slug is the machine as a part of a file's name.
func (m Machine) Slug() string {
	words := strings.FieldsFunc(strings.ToLower(fmt.Sprintf("%d cores %s", m.Cores, m.CPU)), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words[:min(len(words), 6)], "-")
}
