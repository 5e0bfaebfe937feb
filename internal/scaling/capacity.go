package scaling

import "fmt"

// Measured is what one run found out, for each operation of a mix.
type Measured struct {
	// Run says when, where and how.
	Run        string          `json:"run"`
	Operations []MeasuredOp    `json:"operations"`
	Rows       map[string]Rows `json:"rows"`
}

// MeasuredOp is the cost of one operation: milliseconds of a core in the process and at the database, and what
// went over the wire between them.
type MeasuredOp struct {
	Name       string  `json:"name"`
	CPU        float64 `json:"cpu_ms"`
	DBCPU      float64 `json:"db_cpu_ms"`
	Statements float64 `json:"statements"`
	Trips      float64 `json:"round_trips"`
	Up         float64 `json:"bytes_up"`
	Down       float64 `json:"bytes_down"`
}

// Rows is what something leaves behind, in bytes of tables and of indexes. Life is how many days it stays; 0 is
// for ever.
type Rows struct {
	Heap    float64 `json:"heap"`
	Indexes float64 `json:"indexes"`
	Life    float64 `json:"life_days"`
}

// Mix is what people do: how often one of them does each operation on a day.
type Mix struct {
	Source string `json:"source"`
	// PerDay are operations of a person by name, as in Measured.
	PerDay map[string]float64 `json:"per_day"`
	// Leaves are rows of a person on a day by name, as in Measured.Rows; what stays for ever is per person.
	Leaves map[string]float64 `json:"leaves"`
	// Peak is how many times the mean the busiest second is; Busy is how much of a core may be used.
	Peak float64 `json:"peak"`
	Busy float64 `json:"busy"`
}

// Need is what a number of people needs.
type Need struct {
	People     float64
	PerSecond  float64 // operations in the busiest second
	Statements float64 // in the same second
	Cores      float64 // of processes
	DBCores    float64 // of PostgreSQL, without replication
	MBps       float64 // between processes and database
	GB         float64 // of tables and indexes, one copy
}

// Need computes it.
func (m Mix) Need(people float64, run Measured) (Need, error) {
	out := Need{People: people}
	if m.Peak < 1 || m.Busy <= 0 || m.Busy > 1 {
		return out, fmt.Errorf("peak must be at least 1 and busy from 0 to 1 (got %g and %g)", m.Peak, m.Busy)
	}
	known := map[string]MeasuredOp{}
	for _, o := range run.Operations {
		known[o.Name] = o
	}
	for name, perDay := range m.PerDay {
		o, ok := known[name]
		if !ok {
			return out, fmt.Errorf("per_day: no operation %q was measured", name)
		}
		n := people * perDay / 86400 * m.Peak
		out.PerSecond += n
		out.Statements += n * o.Statements
		out.Cores += n * o.CPU / 1000 / m.Busy
		out.DBCores += n * o.DBCPU / 1000 / m.Busy
		out.MBps += n * (o.Up + o.Down) / 1e6
	}
	for name, n := range m.Leaves {
		r, ok := run.Rows[name]
		if !ok {
			return out, fmt.Errorf("leaves: no rows %q were measured", name)
		}
		if r.Life > 0 {
			n *= r.Life
		}
		out.GB += people * n * (r.Heap + r.Indexes) / 1e9
	}
	return out, nil
}
