package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Change is how one measure differs between two runs.
type Change struct {
	Key string
	// Old and New are medians: of the ratio to the official side where both sides were measured, of our own values otherwise.
	Old, New float64
	Ratio    bool
	// Worse is by how much of the old value the new one is worse, below 0 when it is better. Noise is how much of it both runs' own rounds explain.
	Worse, Noise float64
}

// Regression is what is worse than the noise.
func (c Change) Regression() bool { return c.Worse > c.Noise }

// Blind is a change whose noise nobody knows: too few rounds measured it.
func (c Change) Blind() bool { return math.IsInf(c.Noise, 1) }

// Gain is what is better than the noise.
func (c Change) Gain() bool { return -c.Worse > c.Noise }

// String implements fmt.Stringer.
func (c Change) String() string {
	what := "ours"
	if c.Ratio {
		what = "to official"
	}
	word := "worse"
	if c.Worse < 0 {
		word = "better"
	}
	if c.Blind() {
		return fmt.Sprintf("%s (%s): %s, was %s: %.0f %% %s, with too few rounds to know the noise", c.Key, what, number(c.New), number(c.Old), 100*math.Abs(c.Worse), word)
	}
	return fmt.Sprintf("%s (%s): %s, was %s: %.0f %% %s, of which noise explains %.0f %%", c.Key, what, number(c.New), number(c.Old), 100*math.Abs(c.Worse), word, 100*c.Noise)
}

// Comparison is what two runs say together.
type Comparison struct {
	Changes []Change
	// Missing were measured in the old run alone, Added in the new one alone.
	Missing, Added []string
	// Remarks say what makes the runs hard to compare.
	Remarks []string
}

// Compare compares two runs. The ratio to the official side says the same on a slow and on a fast machine; our own values are compared where nothing else is there, and
// counts always are.
func Compare(old, now *File) Comparison {
	var c Comparison
	if old.Machine.CPU != now.Machine.CPU || old.Machine.Cores != now.Machine.Cores {
		c.Remarks = append(c.Remarks, fmt.Sprintf("the machines differ: %d cores of %s, was %d of %s; what has no ratio is not comparable",
			now.Machine.Cores, now.Machine.CPU, old.Machine.Cores, old.Machine.CPU))
	}
	for i := range old.Measures {
		o := &old.Measures[i]
		if o.Setting {
			continue
		}
		n := now.Find(o.Group, o.Row, o.Kind)
		if n == nil {
			c.Missing = append(c.Missing, o.Key())
			continue
		}
		if change, ok := compare(o, n); ok {
			c.Changes = append(c.Changes, change)
		} else {
			c.Missing = append(c.Missing, o.Key()+" of "+Ours)
		}
	}
	for i := range now.Measures {
		if n := &now.Measures[i]; old.Find(n.Group, n.Row, n.Kind) == nil {
			c.Added = append(c.Added, n.Key())
		}
	}
	slices.SortFunc(c.Changes, func(a, b Change) int { return strings.Compare(a.Key, b.Key) })
	return c
}

// enough rounds are those that a range says something after.
const enough = 3

func compare(old, now *Measure) (Change, bool) {
	c := Change{Key: old.Key()}
	o, oldOK := old.Of(Ours)
	n, newOK := now.Of(Ours)
	if !oldOK {
		return c, true // the official side alone: nothing of ours can be worse
	}
	if !newOK {
		return c, false
	}
	if old.Group != Counts {
		ro, _, a := old.Ratio()
		rn, _, b := now.Ratio()
		if a && b {
			o, n, c.Ratio = ro, rn, true
		}
	}
	c.Old, c.New, c.Noise = o.Median, n.Median, o.Noise()+n.Noise()
	if exact := old.Exact && now.Exact; !exact && min(o.Rounds, n.Rounds) < enough {
		c.Noise = math.Inf(1)
	}
	switch o.Median {
	case n.Median:
	case 0:
		c.Worse = math.Inf(1)
		if old.Higher {
			c.Worse = math.Inf(-1)
		}
	default:
		c.Worse = (n.Median - o.Median) / math.Abs(o.Median)
		if old.Higher {
			c.Worse = -c.Worse
		}
	}
	return c, true
}

// Regressions are the changes that fail a comparison.
func (c *Comparison) Regressions() []Change {
	return slices.DeleteFunc(slices.Clone(c.Changes), func(x Change) bool { return !x.Regression() })
}
