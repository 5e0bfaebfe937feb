package scaling

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
)

// Operation is what a person or an application does at once, as internal/stacktest counts it
// (testdata/statements-postgres.json).
type Operation struct {
	Name         string      `json:"name"`
	Requests     int         `json:"requests"`
	Transactions int         `json:"transactions"`
	Statements   []Statement `json:"statements"`
}

// Statement is how often one kind of statement was sent. InTx is whether a transaction had begun before.
type Statement struct {
	Engine string   `json:"engine"`
	Kind   string   `json:"kind"`
	Tables []string `json:"tables"`
	InTx   bool     `json:"tx"`
	Count  int      `json:"count"`
}

// Totals are the statements of an operation, and how many of them write.
func (o Operation) Totals() (all, writes int) {
	for _, s := range o.Statements {
		all += s.Count
		if s.Kind != read {
			writes += s.Count
		}
	}
	return all, writes
}

const (
	read   = "SELECT"
	insert = "INSERT"
)

// ReadJSON reads a file into v. What it does not know is an error: a word that is mistyped would be a zero.
func ReadJSON(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading what was measured: %w", err)
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// Join makes one operation of several, one after another.
func Join(name string, all []Operation, parts ...string) (Operation, error) {
	out := Operation{Name: name}
	for _, part := range parts {
		i := slices.IndexFunc(all, func(o Operation) bool { return o.Name == part })
		if i < 0 {
			return out, fmt.Errorf("no operation %q was counted", part)
		}
		out.Requests += all[i].Requests
		out.Transactions += all[i].Transactions
		out.Statements = append(out.Statements, all[i].Statements...)
	}
	return out, nil
}

var foreign = regexp.MustCompile(`ALTER TABLE(?: ONLY)? ([a-z0-9_]+)\s+ADD CONSTRAINT [^;]*FOREIGN KEY \([^)]*\) REFERENCES ([a-z0-9_]+)`)

// Parents finds in a schema which tables the foreign keys of a table point to.
func Parents(schema string) map[string][]string {
	out := map[string][]string{}
	for _, m := range foreign.FindAllStringSubmatch(schema, -1) {
		if !slices.Contains(out[m[1]], m[2]) {
			out[m[1]] = append(out[m[1]], m[2])
		}
	}
	return out
}
