package report

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) *File {
	t.Helper()
	f, err := Read(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOnlyWhatIsWorseThanTheNoiseIsARegression(t *testing.T) {
	c := Compare(read(t, "old.json"), read(t, "new.json"))
	var worse, better, blind []string
	for _, x := range c.Changes {
		switch {
		case x.Regression():
			worse = append(worse, x.Key)
		case x.Gain():
			better = append(better, x.Key)
		case x.Blind() && x.Worse != 0:
			blind = append(blind, x.Key)
		}
	}
	// The rate of login fell by a sixth, and by half between the rounds of one run; introspection doubled on both sides, so that nothing changed.
	for name, pair := range map[string][2][]string{
		"worse":                {worse, {"counts/whoami/statements", "footprint/binary/binary", "speed/whoami/rate"}},
		"better":               {better, {"latency/whoami/p50"}},
		"too few rounds":       {blind, {"footprint/first/first"}},
		"missing":              {c.Missing, {"latency/whoami/p99"}},
		"new":                  {c.Added, {"speed/jwks/rate"}},
		"about other machines": {c.Remarks, nil},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestARunComparedWithItselfIsTheSame(t *testing.T) {
	f := read(t, "old.json")
	c := Compare(f, f)
	if got := c.Regressions(); len(got) != 0 || len(c.Missing) != 0 {
		t.Errorf("got %v and %v, want no change", got, c.Missing)
	}
}

func TestAnotherMachineIsRemarked(t *testing.T) {
	old, now := read(t, "old.json"), read(t, "old.json")
	now.Machine.Cores = 64
	if c := Compare(old, now); len(c.Remarks) != 1 {
		t.Errorf("got %v, want a remark", c.Remarks)
	}
}

func TestWhatAppearsFromNothingIsWorse(t *testing.T) {
	connections := func(n float64) *File {
		f := &File{}
		f.Add(Measure{Group: Counts, Row: "whoami", Kind: "connections"}, Ours, n, n, n)
		return f
	}
	c := Compare(connections(0), connections(1))
	if got := c.Regressions(); len(got) != 1 {
		t.Errorf("got %v, want the connections", got)
	}
	back := Compare(connections(1), connections(0))
	if got := slices.Concat(back.Regressions()); len(got) != 0 {
		t.Errorf("back: got %v, want none", got)
	}
}
