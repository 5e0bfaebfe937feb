package load

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestClosedCountsWhatItDid(t *testing.T) {
	var n atomic.Int64
	r, err := Closed(t.Context(), func(context.Context) error { n.Add(1); return nil }, 2, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if int64(r.Count) != n.Load() || r.Count == 0 || r.Rate <= 0 {
		t.Errorf("got %d at %f a second, want the %d that were done", r.Count, r.Rate, n.Load())
	}
}

func TestAWrongAnswerEndsTheLoad(t *testing.T) {
	wrong := errors.New("it is somebody else's")
	_, err := Closed(t.Context(), func(context.Context) error { return wrong }, 2, time.Minute)
	if err == nil || err.Error() != wrong.Error() {
		t.Errorf("got %v, want %v", err, wrong)
	}
}

func TestOpenKeepsItsRate(t *testing.T) {
	var n atomic.Int64
	r, err := Open(t.Context(), func(context.Context) error { n.Add(1); return nil }, 200, 4, 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	// As many as were due, however late: a busy machine sends them at the end.
	if r.Count > 41 || int64(r.Count) != n.Load() {
		t.Errorf("got %d operations, want at most 41, as many as were done (%d)", r.Count, n.Load())
	}
}

// A server that stands still makes everybody wait who comes in the meantime. Whoever counts only the one that it was answering says that one of forty waited.
func TestThoseWhoWaitTheirTurnAreCounted(t *testing.T) {
	var server sync.Mutex
	var once sync.Once
	release := make(chan struct{})
	stuck := func(context.Context) error {
		server.Lock()
		defer server.Unlock()
		once.Do(func() { <-release })
		return nil
	}
	time.AfterFunc(200*time.Millisecond, func() { close(release) })
	r, err := Open(t.Context(), stuck, 100, 1, 400*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if r.P50 <= 0 || r.P95 < 150*time.Millisecond {
		t.Errorf("got p50 %s and p95 %s, want the wait of those who came while nobody was served", r.P50, r.P95)
	}
}

func TestNothingDoneIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Closed(ctx, func(context.Context) error { return nil }, 1, time.Second); err == nil {
		t.Error("got none after the end, want an error")
	}
	if _, err := Open(t.Context(), nil, 0, 1, time.Second); err == nil || !strings.Contains(err.Error(), "above 0") {
		t.Errorf("got %v for a rate of 0, want an error", err)
	}
}

func TestSharesAreOfWhatWasMeasured(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(i+1))
	}
	for share, want := range map[float64]time.Duration{0.5: 50, 0.95: 95, 0.99: 99, 1: 100} {
		if got := at(all, share); got != want {
			t.Errorf("%g of 1 to 100: got %d, want %d", share, got, want)
		}
	}
	if got := at(all[:1], 0.99); got != 1 {
		t.Errorf("0.99 of one: got %d, want it", got)
	}
}
