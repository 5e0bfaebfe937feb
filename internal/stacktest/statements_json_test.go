package stacktest

import (
	"regexp"
	"slices"
	"strings"

	"example.com/identityd/internal/sqlseam"
)

// countedOperation is an operation for docs/scaling.md: internal/scaling reads the file.
type countedOperation struct {
	Name         string             `json:"name"`
	Requests     int                `json:"requests"`
	Transactions int                `json:"transactions"`
	Statements   []countedStatement `json:"statements"`
}

// countedStatement is how often one kind of statement was sent. InTx is whether a transaction of the same
// request and database had begun.
type countedStatement struct {
	Engine string   `json:"engine"`
	Kind   string   `json:"kind"`
	Tables []string `json:"tables"`
	InTx   bool     `json:"tx,omitempty"`
	Count  int      `json:"count"`
}

func (c *recorder) counted() []countedOperation {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []countedOperation
	for _, o := range c.operations {
		sum := countedOperation{Name: o.name, Requests: len(o.requests), Statements: []countedStatement{}}
		for _, r := range o.requests {
			begun := map[string]bool{}
			for _, s := range r.statements {
				if s.Query == sqlseam.Begin {
					sum.Transactions++
					begun[s.Database] = true
					continue
				}
				sum.add(countedStatement{Engine: s.Database, Kind: kindOf(s.Query), Tables: tablesNamed(s.Query), InTx: begun[s.Database]})
			}
		}
		out = append(out, sum)
	}
	return out
}

func (o *countedOperation) add(s countedStatement) {
	for i, known := range o.Statements {
		if known.Engine == s.Engine && known.Kind == s.Kind && known.InTx == s.InTx && slices.Equal(known.Tables, s.Tables) {
			o.Statements[i].Count++
			return
		}
	}
	s.Count = 1
	o.Statements = append(o.Statements, s)
}

func kindOf(query string) string {
	words := strings.Fields(strings.ToUpper(query))
	if len(words) == 0 {
		return ""
	}
	if words[0] == "WITH" {
		return "SELECT"
	}
	return words[0]
}

var tableWords = regexp.MustCompile(`(?i)\b(?:from|join|into|update)\s+"?([a-z0-9_]+)"?`)

// tablesNamed are the tables that a statement names, each once.
func tablesNamed(query string) []string {
	out := []string{}
	for _, m := range tableWords.FindAllStringSubmatch(query, -1) {
		if table := strings.ToLower(m[1]); !slices.Contains([]string{"set", "skip", "nowait", "of", "select"}, table) && !slices.Contains(out, table) {
			out = append(out, table)
		}
	}
	slices.Sort(out)
	return out
}
