package scaling

import (
	"math"
	"math/rand/v2"
	"slices"

	"example.com/identityd/internal/regions"
)

// Choice is where data lives and where the process is that asks.
type Choice struct {
	Name string
	// From is the region of the process, Primary that of the databases.
	From, Primary string
	// Local makes the tables of people regional by row; Survive is zone or region.
	Local   bool
	Survive string
	// Searched lets every read of such a table ask all regions: keys that are not unique, people who travel.
	Searched bool
}

// wait is one thing that a statement waits for: the slowest of some round trips.
type wait []Latency

// Cluster is what costs are computed for.
type Cluster struct {
	Matrix Matrix
	// Parents are those of Parents, of both engines.
	Parents map[string][]string
}

func (c Choice) place(engine, table string) regions.Locality {
	g := regions.Goal{Primary: c.Primary, Survive: c.Survive}
	if c.Local {
		g.Rows = "local"
	}
	l, _ := regions.Place(engine, table, g)
	return l
}

// way is the way from the process to the primary region.
func (k Cluster) way(c Choice) wait {
	if l, ok := k.Matrix.between(c.From, c.Primary); ok && c.From != c.Primary {
		return wait{l}
	}
	return nil
}

// everywhere asks all regions at once.
func (k Cluster) everywhere(c Choice) wait { return k.Matrix.others(c.From) }

// agreed is what a write waits for at its leaseholder beyond the work there: with survive region two of five
// replicas are at home, and the nearest other region makes a majority.
func (k Cluster) agreed(c Choice, home string) wait {
	if others := k.Matrix.others(home); c.Survive == "region" && len(others) > 0 {
		return wait{others[0]}
	}
	return nil
}

// statement is what one statement waits for, one after another.
func (k Cluster) statement(c Choice, s Statement) []wait {
	out := []wait{{k.Matrix.Local}}
	add := func(w wait) {
		if len(w) > 0 {
			out = append(out, w)
		}
	}
	if len(s.Tables) == 0 {
		return out
	}
	var far, row, global bool
	for _, t := range s.Tables {
		switch c.place(s.Engine, t) {
		case regions.Global:
			global = true
		case regions.ByRow:
			row = true
		default:
			far = true
		}
	}
	if s.Kind == read {
		// Tables of one statement are read at once.
		if far {
			add(k.way(c))
		}
		if row && c.Searched {
			add(k.everywhere(c))
		}
		return out
	}
	switch {
	case global && !far && !row:
		return append(out, wait{k.Matrix.GlobalWrite})
	case far:
		add(k.way(c))
	case row && s.Kind == insert, row && c.Searched:
		add(k.everywhere(c)) // is the key taken anywhere; where is the row
	}
	if s.Kind == insert && k.asksParents(c, s) {
		if c.Local {
			add(k.everywhere(c))
		} else {
			add(k.way(c))
		}
	}
	if !s.InTx {
		add(k.agreed(c, k.home(c, far)))
	}
	return out
}

// home is where a write is decided.
func (k Cluster) home(c Choice, far bool) string {
	if far {
		return c.Primary
	}
	return c.From
}

// asksParents reports whether an insert has a foreign key to a table that is not GLOBAL. CockroachDB looks
// after the insert.
func (k Cluster) asksParents(c Choice, s Statement) bool {
	for _, t := range s.Tables {
		for _, parent := range k.Parents[t] {
			if c.place(s.Engine, parent) != regions.Global {
				return true
			}
		}
	}
	return false
}

// commit is what the end of a transaction waits for.
func (k Cluster) commit(c Choice, o Operation) []wait {
	far := slices.ContainsFunc(o.Statements, func(s Statement) bool {
		return s.InTx && s.Kind != read && slices.ContainsFunc(s.Tables, func(t string) bool { return c.place(s.Engine, t) == regions.Primary })
	})
	out := []wait{{k.Matrix.Local}}
	if w := k.way(c); far && len(w) > 0 {
		out = append(out, w)
	}
	if w := k.agreed(c, k.home(c, far)); len(w) > 0 {
		out = append(out, w)
	}
	return out
}

// waits are all of an operation, one after another.
func (k Cluster) waits(c Choice, o Operation) []wait {
	var out []wait
	for _, s := range o.Statements {
		for range s.Count {
			out = append(out, k.statement(c, s)...)
		}
	}
	for range o.Transactions {
		out = append(out, wait{k.Matrix.Local}) // BEGIN
		out = append(out, k.commit(c, o)...)
	}
	return out
}

// Cost is what an operation waits for the database.
type Cost struct {
	// Far is how many round trips to other regions it makes, one after another.
	Far int
	Latency
}

// draws is how many operations are made up. The seed is fixed: the same input gives the same table.
const draws = 4000

// Cost draws each wait by itself.
func (k Cluster) Cost(c Choice, o Operation) Cost {
	waits := k.waits(c, o)
	var out Cost
	for _, w := range waits {
		if w[0] != k.Matrix.Local {
			out.Far++
		}
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // nothing secret: the same figures each time
	sums := make([]float64, draws)
	for _, w := range waits {
		spread := make([]float64, len(w))
		for i, l := range w {
			spread[i] = l.spread()
		}
		for i := range sums {
			slowest := 0.0
			for j, l := range w {
				slowest = max(slowest, l.P50*math.Exp(r.NormFloat64()*spread[j]))
			}
			sums[i] += slowest
		}
	}
	slices.Sort(sums)
	out.P50, out.P99 = sums[draws/2], sums[draws*99/100]
	return out
}
