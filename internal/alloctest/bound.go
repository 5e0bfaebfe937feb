package alloctest

import "testing"

// runs are enough for what happens now and then, such as a collection that empties a pool, to be rounded off.
const runs = 200

// rounds is how often it is measured.
const rounds = 5

// AtMost runs f again and again and fails when it allocates more often than that. What it may cost is a number
// found by measurement, so that a change which adds an allocation to each request is seen in its review.
func AtMost(t *testing.T, most float64, f func()) {
	t.Helper()
	if raced {
		t.Skip("SKIP: the race detector allocates by itself")
	}
	if got := fewest(f, most); got > most {
		t.Errorf("got %.0f allocations, want at most %.0f", got, most)
	}
}

// Of returns how often f allocates, and skips the test where that cannot be told.
func Of(t *testing.T, f func()) float64 {
	t.Helper()
	if raced {
		t.Skip("SKIP: the race detector allocates by itself")
	}
	return fewest(f, 0)
}

// fewest is the least of some measurements, or the first that is enough: all goroutines of the process are counted,
// and what another one allocates meanwhile only adds.
func fewest(f func(), enough float64) float64 {
	f() // what is made once
	got := testing.AllocsPerRun(runs, f)
	for i := 1; i < rounds && got > enough; i++ {
		got = min(got, testing.AllocsPerRun(runs, f))
	}
	return got
}
