package report

import (
	"testing"
)

func rate(ours, official []float64, goal float64) *Measure {
	return &Measure{Group: Speed, Row: "whoami", Kind: "rate", Title: "whoami", Higher: true, Goal: goal, Samples: map[string][]float64{Ours: ours, Official: official}}
}

func TestARatioIsThatOfTheRounds(t *testing.T) {
	// The machine was slow in the last two rounds: both sides were, and the ratio is not.
	s, confidence, ok := rate([]float64{300, 310, 290, 150, 160}, []float64{100, 100, 100, 50, 50}, 0).Ratio()
	if !ok || s.Median != 3 || s.Low != 2.9 || s.High != 3.2 || s.Rounds != 5 {
		t.Errorf("got %+v, want 3 (2.9 to 3.2) of 5 rounds", s)
	}
	if confidence != 0.9375 {
		t.Errorf("got a confidence of %g, want that of five coins", confidence)
	}
}

func TestARatioNeedsBothSides(t *testing.T) {
	for name, m := range map[string]*Measure{
		"one side":      rate([]float64{1}, nil, 0),
		"nothing there": rate([]float64{1}, []float64{0}, 0),
	} {
		if s, _, ok := m.Ratio(); ok {
			t.Errorf("%s: got %+v, want none", name, s)
		}
	}
	s, confidence, ok := rate([]float64{4, 2}, []float64{1, 1, 2}, 0).Ratio()
	if !ok || s.Median != 3 || s.Low != 1 || s.High != 4 || confidence != 0 {
		t.Errorf("rounds that do not pair: got %+v at %g, want 3 (1 to 4) without a confidence", s, confidence)
	}
}

func TestAGoalIsMetInEveryRoundOrNot(t *testing.T) {
	for want, ours := range map[Verdict][]float64{
		Met: {200, 210, 220}, Close: {140, 160, 170}, Missed: {100, 140, 160},
	} {
		if got := rate(ours, []float64{100, 100, 100}, 1.5).Verdict(); got != want {
			t.Errorf("%v of 100: got %q, want %q", ours, got, want)
		}
	}
	less := &Measure{Goal: 40, Absolute: true, Samples: map[string][]float64{Ours: {39, 41, 38}}}
	if got := less.Verdict(); got != Close {
		t.Errorf("at most 40 MB: got %q, want %q", got, Close)
	}
	if got := (&Measure{Goal: 1}).Verdict(); got != Unknown {
		t.Errorf("nothing measured: got %q, want %q", got, Unknown)
	}
	if got := rate([]float64{1}, []float64{1}, 0).Verdict(); got != NoGoal {
		t.Errorf("no goal: got %q", got)
	}
}

func TestNumbersHaveThreeDigitsThatMeanSomething(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.04: "0.04", 0.333333: "0.33", 1: "1", 3.456: "3.46", 12.34: "12.3", 100: "100", 1234.5: "1234", 12345: "12 300", 1234567: "1 230 000", 99.99: "100", 9.999: "10",
	} {
		if got := number(v); got != want {
			t.Errorf("%g: got %q, want %q", v, got, want)
		}
	}
}
