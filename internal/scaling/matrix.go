package scaling

import (
	"fmt"
	"math"
	"slices"
)

// Latency is how long something takes, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Matrix is what lies between the regions.
type Matrix struct {
	// Source says where the figures are from.
	Source  string   `json:"source"`
	Regions []string `json:"regions"`
	// Local is a statement on a node of the same region, its work included.
	Local Latency `json:"local"`
	// GlobalWrite is a write to a table that is GLOBAL.
	GlobalWrite Latency `json:"global_write"`
	// Pairs are round trips.
	Pairs []Pair `json:"pairs"`
}

// Pair is a round trip between two regions, the same in both directions.
type Pair struct {
	A string `json:"a"`
	B string `json:"b"`
	Latency
}

// Check returns what is wrong with a matrix.
func (m Matrix) Check() error {
	if len(m.Regions) == 0 {
		return fmt.Errorf("regions: there is none")
	}
	for _, l := range append([]Latency{m.Local, m.GlobalWrite}, latencies(m.Pairs)...) {
		if l.P50 <= 0 || l.P99 < l.P50 {
			return fmt.Errorf("a latency of p50 %g ms and p99 %g ms: p50 must be above 0, p99 not below it", l.P50, l.P99)
		}
	}
	for i, a := range m.Regions {
		for _, b := range m.Regions[i+1:] {
			if _, ok := m.between(a, b); !ok {
				return fmt.Errorf("pairs: %s and %s are missing", a, b)
			}
		}
	}
	return nil
}

func latencies(pairs []Pair) []Latency {
	out := make([]Latency, 0, len(pairs))
	for _, p := range pairs {
		out = append(out, p.Latency)
	}
	return out
}

func (m Matrix) between(a, b string) (Latency, bool) {
	i := slices.IndexFunc(m.Pairs, func(p Pair) bool { return p.A == a && p.B == b || p.A == b && p.B == a })
	if i < 0 {
		return Latency{}, false
	}
	return m.Pairs[i].Latency, true
}

// others are the round trips from a region to all others, the nearest first.
func (m Matrix) others(from string) []Latency {
	var out []Latency
	for _, r := range m.Regions {
		if l, ok := m.between(from, r); ok && r != from {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Latency) int { return int(math.Copysign(1, a.P50-b.P50)) })
	return out
}

// z99 is how many standard deviations the 99th percentile of a normal distribution is above its middle.
const z99 = 2.3263478740408408

// spread is how wide the log-normal distribution is that has this middle and this p99.
func (l Latency) spread() float64 { return math.Log(l.P99/l.P50) / z99 }
