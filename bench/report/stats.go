package report

import (
	"math"
	"slices"
)

// Summary is what the rounds of one side came to.
type Summary struct {
	Median, Low, High float64
	Rounds            int
}

// Of is the summary of a side, and whether it was measured.
func (m *Measure) Of(side string) (Summary, bool) {
	s := m.Samples[side]
	if len(s) == 0 {
		return Summary{}, false
	}
	return summary(s), true
}

func summary(values []float64) Summary {
	return Summary{Median: median(values), Low: slices.Min(values), High: slices.Max(values), Rounds: len(values)}
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// Noise is by how much of the median the rounds differ from it: the half of their range. It is what another run may differ by without a cause.
func (s Summary) Noise() float64 {
	if s.Median == 0 {
		return 0
	}
	return (s.High - s.Low) / 2 / math.Abs(s.Median)
}

// Ratio is ours to the official side's: the median of the ratios of each round, in which both were measured one after the other, and the lowest and highest of
// them. Confidence is the chance that the true median lies between those two whatever the noise looks like: it lies outside only if all rounds fell on the
// same side of it, which coins do once in 2^(n-1). Where rounds do not pair, it is the ratio of the medians, and the widest of the rounds.
func (m *Measure) Ratio() (Summary, float64, bool) {
	a, b := m.Samples[Ours], m.Samples[Official]
	if len(a) == 0 || len(b) == 0 || slices.Contains(b, 0) {
		return Summary{}, 0, false
	}
	if len(a) != len(b) {
		x, y := summary(a), summary(b)
		return Summary{x.Median / y.Median, x.Low / y.High, x.High / y.Low, min(len(a), len(b))}, 0, true
	}
	each := make([]float64, len(a))
	for i := range a {
		each[i] = a[i] / b[i]
	}
	return summary(each), 1 - math.Pow(2, float64(1-len(each))), true
}

// Verdict is what is said of a goal.
type Verdict string

// The verdicts.
const (
	NoGoal Verdict = ""
	Met    Verdict = "met"
	// Close is met by the median, but not in every round.
	Close  Verdict = "met by the median"
	Missed Verdict = "not met"
	// Unknown is a goal that nothing was measured for.
	Unknown Verdict = "not measured"
)

// Verdict tells whether the goal is met.
func (m *Measure) Verdict() Verdict {
	if m.Goal == 0 {
		return NoGoal
	}
	var s Summary
	var ok bool
	if m.Absolute {
		s, ok = m.Of(Ours)
	} else {
		s, _, ok = m.Ratio()
	}
	if !ok {
		return Unknown
	}
	good, worst := s.Median, s.High
	if m.Higher {
		worst = s.Low
	}
	switch {
	case m.better(worst, m.Goal):
		return Met
	case m.better(good, m.Goal):
		return Close
	}
	return Missed
}

// better tells whether a is at least as good as b.
func (m *Measure) better(a, b float64) bool {
	if m.Higher {
		return a >= b
	}
	return a <= b
}
