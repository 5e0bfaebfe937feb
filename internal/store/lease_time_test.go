package store

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/sqlseam"
)

// modelTable is the table of one lease on a database whose clock differs from that of its clients.
type modelTable struct {
	mu      sync.Mutex
	fence   int64
	expires time.Time
	grants  int
}

func (m *modelTable) now() time.Time { return time.Now().Add(-5 * time.Hour) }

// faultyRows is the way of one client to the table. Statements fail before or after they took effect,
// and sometimes hang until their context ends.
type faultyRows struct {
	table  *modelTable
	mu     sync.Mutex
	random *rand.Rand
}

var errAway = &sqlseam.ConnectError{Err: errors.New("a test")}

func (f *faultyRows) call(ctx context.Context, do func()) error {
	f.mu.Lock()
	dice, delay := f.random.IntN(100), time.Duration(f.random.IntN(int(300*time.Millisecond)))
	f.mu.Unlock()
	if err := Sleep(ctx, delay); err != nil {
		return err
	}
	run := func() {
		f.table.mu.Lock()
		defer f.table.mu.Unlock()
		do()
	}
	switch {
	case dice < 10:
		return errAway
	case dice < 20: // it took effect and the answer was lost
		run()
		return errAway
	case dice < 30:
		<-ctx.Done()
		return ctx.Err()
	}
	run()
	return Sleep(ctx, delay)
}

func (f *faultyRows) free(ctx context.Context, _ string, _ time.Duration) (free bool, err error) {
	err = f.call(ctx, func() { free = !f.table.expires.After(f.table.now()) })
	return free, err
}

func (f *faultyRows) take(ctx context.Context, _, _ string, ttl time.Duration) (fence int64, err error) {
	err = f.call(ctx, func() {
		if !f.table.expires.After(f.table.now()) {
			f.table.fence++
			f.table.grants++
			f.table.expires = f.table.now().Add(ttl)
			fence = f.table.fence
		}
	})
	if err != nil {
		return 0, err
	}
	return fence, nil
}

func (f *faultyRows) renew(ctx context.Context, _ string, fence int64, ttl time.Duration) (mine bool, err error) {
	err = f.call(ctx, func() {
		if mine = f.table.fence == fence; mine {
			f.table.expires = f.table.now().Add(ttl)
		}
	})
	return mine, err
}

func (f *faultyRows) release(ctx context.Context, _ string, fence int64) error {
	return f.call(ctx, func() {
		if f.table.fence == fence {
			f.table.expires = time.Time{}
		}
	})
}

// live is what four clients saw in three hours.
type live struct{ overlaps, turns, lost, backwards int64 }

func liveThroughHours(t *testing.T, seed uint64, off bool) live {
	t.Helper()
	var got live
	synctest.Test(t, func(t *testing.T) {
		table := &modelTable{}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Hour)
		defer cancel()
		var (
			group  sync.WaitGroup
			inside atomic.Int64
			last   atomic.Int64
			all    []*Leases
		)
		for c := range uint64(4) {
			rows := &faultyRows{table: table, random: rand.New(rand.NewPCG(seed, c))}              //nolint:gosec // a test
			work := rand.New(rand.NewPCG(seed, c+100))                                             //nolint:gosec // a test
			l := &Leases{rows: rows, guard: noGuard, log: slog.New(slog.DiscardHandler), off: off} //nolint:exhaustruct // a test
			l.WithTimes(leaseTTL, leaseHeartbeat)
			all = append(all, l)
			group.Go(func() {
				for ctx.Err() == nil {
					l.Run(ctx, "work", func(ctx context.Context) error { //nolint:errcheck // only the end of time ends it
						if inside.Add(1) > 1 {
							atomic.AddInt64(&got.overlaps, 1)
						}
						atomic.AddInt64(&got.turns, 1)
						if fence := l.Stats()["work"].Fence; last.Swap(fence) >= fence && !off {
							atomic.AddInt64(&got.backwards, 1)
						}
						Sleep(ctx, time.Duration(work.IntN(int(5*time.Minute)))) //nolint:errcheck // either end is one
						inside.Add(-1)
						return nil
					})
				}
			})
		}
		group.Wait()
		for _, l := range all {
			got.lost += int64(l.Stats()["work"].Lost) //nolint:gosec // small
			if l.Stats()["work"].Held {
				t.Error("a lease is held after its release")
			}
		}
		if !off && int(got.turns) > table.grants {
			t.Errorf("got %d turns of %d grants", got.turns, table.grants)
		}
	})
	return got
}

func TestLeasesNeverOverlapWhateverFails(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("IDENTITYD_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(3) {
		t.Run("time "+strconv.FormatUint(i, 10), func(t *testing.T) {
			t.Logf("IDENTITYD_TEST_SEED=%d", seed+i)
			got := liveThroughHours(t, seed+i, false)
			if got.overlaps != 0 || got.backwards != 0 {
				t.Errorf("got %+v, want no overlap and growing fences", got)
			}
			if got.turns < 20 || got.lost < 1 {
				t.Errorf("got %+v, want turns and losses, or it shows nothing", got)
			}
		})
	}
	t.Run("the test notices when the leases are switched off", func(t *testing.T) {
		if got := liveThroughHours(t, seed, true); got.overlaps == 0 {
			t.Errorf("got %+v, want overlaps", got)
		}
	})
}

func TestALeaseEndsBeforeItCanBeTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := &modelTable{}
		hanging := make(chan struct{})
		rows := &scriptedRows{modelTable: table, renewing: func(ctx context.Context) (bool, error) {
			<-hanging // a driver that does not listen to its context
			return false, ctx.Err()
		}}
		l := (&Leases{rows: rows, guard: noGuard, log: slog.New(slog.DiscardHandler)}).WithTimes(leaseTTL, leaseHeartbeat)
		lease, err := l.Acquire(t.Context(), "work")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		<-lease.Context().Done()
		if got, want := time.Since(began), 25*time.Second; got != want {
			t.Errorf("lost after %s, want %s", got, want)
		}
		if got := context.Cause(lease.Context()); !errors.Is(got, ErrLeaseLost) {
			t.Errorf("got cause %v, want %v", got, ErrLeaseLost)
		}
		close(hanging)
		if err := lease.Release(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// scriptedRows has one holder and a heartbeat of the test's.
type scriptedRows struct {
	*modelTable
	renewing func(context.Context) (bool, error)
}

func (s *scriptedRows) free(context.Context, string, time.Duration) (bool, error) { return true, nil }

func (s *scriptedRows) take(context.Context, string, string, time.Duration) (int64, error) {
	return 1, nil
}

func (s *scriptedRows) renew(ctx context.Context, _ string, _ int64, _ time.Duration) (bool, error) {
	return s.renewing(ctx)
}

func (s *scriptedRows) release(context.Context, string, int64) error { return nil }
