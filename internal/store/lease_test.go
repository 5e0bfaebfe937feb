package store_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/store"
)

// Short enough for a test, and long enough that a busy machine does not lose a lease by itself.
const (
	shortTTL  = 3 * time.Second
	shortBeat = 300 * time.Millisecond
)

func leases(t testing.TB, e emptyDatabase, holder string) *store.Leases {
	t.Helper()
	log, buf := newLog()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", holder, buf)
		}
	})
	return store.NewLeases(e.open(t), e.dialect, holder, log).WithTimes(shortTTL, shortBeat)
}

func bounded(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	t.Cleanup(cancel)
	return ctx
}

func acquire(t testing.TB, l *store.Leases) *store.Lease {
	t.Helper()
	lease, err := l.Acquire(bounded(t), "work")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lease.Release(context.Background()) }) //nolint:errcheck // the database may be gone
	return lease
}

func release(t testing.TB, lease *store.Lease) {
	t.Helper()
	if err := lease.Release(bounded(t)); err != nil {
		t.Fatal(err)
	}
}

// wantBusy checks that somebody has the lease.
func wantBusy(t testing.TB, l *store.Leases) {
	t.Helper()
	lease, err := l.TryAcquire(bounded(t), "work")
	if err != nil {
		t.Fatal(err)
	}
	if lease != nil {
		release(t, lease)
		t.Errorf("got the lease with fence %d, want it to be taken", lease.Fence())
	}
}

func wantLost(t testing.TB, lease *store.Lease) {
	t.Helper()
	select {
	case <-lease.Context().Done():
	case <-time.After(bound):
		t.Fatal("the lease is not lost")
	}
	if got := context.Cause(lease.Context()); !errors.Is(got, store.ErrLeaseLost) {
		t.Errorf("got cause %v, want %v", got, store.ErrLeaseLost)
	}
}

// contend lets processes work in turn and returns how often two were at it, how much of the work was
// overwritten by another one, and the fences in order of the work.
func contend(t *testing.T, e emptyDatabase, off bool) (overlaps, overwritten int, fences []int64) {
	t.Helper()
	const contenders, rounds = 8, 20
	db := migrated(t, e)
	must(t, db, "CREATE TABLE work (n int)", "INSERT INTO work VALUES (0)")
	ctx, cancel := context.WithTimeout(t.Context(), 4*bound)
	defer cancel()
	var (
		group           sync.WaitGroup
		inside, meeting atomic.Int64
		mu              sync.Mutex
	)
	for c := range contenders {
		l := leases(t, e, "contender "+strconv.Itoa(c))
		if off {
			l.SwitchOff()
		}
		own := e.open(t)
		group.Go(func() {
			for range rounds {
				lease, err := l.Acquire(ctx, "work")
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) > 1 {
					meeting.Add(1)
				}
				mu.Lock()
				fences = append(fences, lease.Fence())
				mu.Unlock()
				// Read and write apart, so that two at once lose an update.
				var n int
				if err := own.QueryRowContext(ctx, "SELECT n FROM work").Scan(&n); err != nil {
					t.Error(err)
				}
				for i := 0; ; i++ {
					_, err := own.ExecContext(ctx, "UPDATE work SET n = $1", n+1)
					if err == nil {
						break
					}
					if i == 20 || !strings.Contains(err.Error(), "locked") { // SQLite in memory does not wait
						t.Error(err)
						break
					}
				}
				if err := lease.Context().Err(); err != nil {
					t.Errorf("the lease ended while it was used: %v", context.Cause(lease.Context()))
				}
				inside.Add(-1)
				if err := lease.Release(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	return int(meeting.Load()), contenders*rounds - count(t, db, "SELECT n FROM work"), fences
}

func TestOneHolderAtATime(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			overlaps, overwritten, fences := contend(t, kind.make(t), false)
			if overlaps != 0 || overwritten != 0 {
				t.Errorf("got %d overlaps and %d lost updates, want none", overlaps, overwritten)
			}
			want := make([]int64, 160)
			for i := range want {
				want[i] = int64(i + 1)
			}
			if diff := cmp.Diff(want, fences); diff != "" {
				t.Errorf("fences in order of the work (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the test notices when the leases are switched off", func(t *testing.T) {
		if overlaps, overwritten, _ := contend(t, kinds[0].make(t), true); overlaps == 0 || overwritten == 0 {
			t.Errorf("got %d overlaps and %d lost updates, want both", overlaps, overwritten)
		}
	})
}

func TestLease(t *testing.T) {
	tests := []struct {
		name string
		run  func(*testing.T, emptyDatabase)
	}{
		{"a release lets the next one in long before the lease would expire", func(t *testing.T, e emptyDatabase) {
			long := func(l *store.Leases) *store.Leases { return l.WithTimes(4*bound, bound) }
			first := acquire(t, long(leases(t, e, "first")))
			got := make(chan *store.Lease, 1)
			next := long(leases(t, e, "second"))
			go func() {
				lease, err := next.Acquire(bounded(t), "work")
				if err != nil {
					t.Error(err)
				}
				got <- lease
			}()
			release(t, first)
			if second := <-got; second != nil {
				if second.Fence() != 2 {
					t.Errorf("got fence %d, want 2", second.Fence())
				}
				release(t, second)
			}
			if !errors.Is(first.Context().Err(), context.Canceled) || errors.Is(context.Cause(first.Context()), store.ErrLeaseLost) {
				t.Errorf("got cause %v, want the plain end", context.Cause(first.Context()))
			}
		}},
		{"a second release does not touch the next one's lease", func(t *testing.T, e emptyDatabase) {
			first := acquire(t, leases(t, e, "first"))
			release(t, first)
			second := acquire(t, leases(t, e, "second"))
			release(t, first)
			wantBusy(t, leases(t, e, "third"))
			release(t, second)
		}},
		{"names are independent", func(t *testing.T, e emptyDatabase) {
			l := leases(t, e, "one")
			acquire(t, l)
			other, err := l.TryAcquire(bounded(t), "other work")
			if err != nil || other == nil {
				t.Fatalf("got %v, %v, want a lease", other, err)
			}
			release(t, other)
		}},
		{"the same process does not get it twice", func(t *testing.T, e emptyDatabase) {
			l := leases(t, e, "one")
			acquire(t, l)
			wantBusy(t, l)
		}},
		{"heartbeats keep it for longer than it stands", func(t *testing.T, e emptyDatabase) {
			l := leases(t, e, "one").WithTimes(shortTTL/2, shortTTL/20)
			lease, other := acquire(t, l), leases(t, e, "two")
			began := time.Now()
			for l.Stats()["work"].Renewals < 2 || time.Since(began) < shortTTL {
				wantBusy(t, other)
				if lease.Context().Err() != nil {
					t.Fatalf("lost: %v", context.Cause(lease.Context()))
				}
				breathe(t)
			}
		}},
		{"waiting ends with the context", func(t *testing.T, e emptyDatabase) {
			acquire(t, leases(t, e, "one"))
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("enough")
			done := make(chan error, 1)
			l := leases(t, e, "two")
			go func() {
				_, err := l.Acquire(ctx, "work")
				done <- err
			}()
			cancel(why)
			select {
			case err := <-done:
				if !errors.Is(err, why) {
					t.Errorf("got %v, want %v", err, why)
				}
			case <-time.After(bound):
				t.Error("Acquire does not return")
			}
		}},
		{"the end of its parent ends the work, and the lease stays until its release", func(t *testing.T, e emptyDatabase) {
			ctx, cancel := context.WithCancel(t.Context())
			l, other := leases(t, e, "one"), leases(t, e, "two")
			lease, err := l.Acquire(ctx, "work")
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			<-lease.Context().Done()
			renewedTwice(t, l, func() { wantBusy(t, other) })
			release(t, lease)
			release(t, acquire(t, other))
		}},
		{"who has been taken over loses it and gets no second chance", func(t *testing.T, e emptyDatabase) {
			db, l := e.open(t), leases(t, e, "one")
			lease := acquire(t, l)
			must(t, db, "UPDATE identityd_lease SET fence = fence + 1, holder = 'thief'")
			wantLost(t, lease)
			release(t, lease)
			if got := count(t, db, "SELECT count(*) FROM identityd_lease WHERE holder = 'thief'"); got != 1 {
				t.Error("the loser released the lease of the other one")
			}
			want := store.LeaseStats{Fence: 1, Acquired: 1, Lost: 1, Renewals: l.Stats()["work"].Renewals}
			if diff := cmp.Diff(want, l.Stats()["work"]); diff != "" {
				t.Errorf("stats (-want +got):\n%s", diff)
			}
		}},
		{"the clocks of processes do not matter, and a clock of the database set forward does little", func(t *testing.T, e emptyDatabase) {
			l, other := leases(t, e, "one").WithTimes(2*bound, shortBeat), leases(t, e, "two")
			lease := acquire(t, l)
			past := "'2001-01-01 00:00:00+00'"
			if e.dialect == store.SQLite {
				past = "1000"
			}
			must(t, e.open(t), "UPDATE identityd_lease SET expires_at = "+past)
			if e.dialect == store.Postgres {
				wantBusy(t, other) // the advisory lock
				renewedTwice(t, l, func() {
					if lease.Context().Err() != nil {
						t.Fatalf("lost: %v", context.Cause(lease.Context()))
					}
				})
				return
			}
			next, err := other.TryAcquire(bounded(t), "work")
			if err != nil {
				t.Fatal(err)
			}
			if next == nil { // a heartbeat was faster
				return
			}
			defer release(t, next)
			wantLost(t, lease)
			if lease.Fence() >= next.Fence() {
				t.Errorf("got fence %d after %d", next.Fence(), lease.Fence())
			}
		}},
		{"without its table it says so at once", func(t *testing.T, e emptyDatabase) {
			must(t, e.open(t), "DROP TABLE identityd_lease")
			if _, err := leases(t, e, "one").Acquire(bounded(t), "work"); err == nil || !strings.Contains(err.Error(), "identityd_lease") {
				t.Errorf("got %v, want the missing table", err)
			}
		}},
	}
	for _, kind := range kinds {
		for _, tt := range tests {
			t.Run(kind.name+": "+tt.name, func(t *testing.T) {
				t.Parallel()
				e := kind.make(t)
				migrated(t, e)
				tt.run(t, e)
			})
		}
	}
}

// renewedTwice waits for two heartbeats and looks in between.
func renewedTwice(t testing.TB, l *store.Leases, look func()) {
	t.Helper()
	before, began := l.Stats()["work"].Renewals, time.Now()
	for l.Stats()["work"].Renewals < before+2 {
		look()
		if time.Since(began) > bound {
			t.Fatalf("no heartbeat: %+v", l.Stats()["work"])
		}
		breathe(t)
	}
}

// breathe keeps a loop that polls from taking the whole processor.
func breathe(t testing.TB) {
	t.Helper()
	select {
	case <-time.After(10 * time.Millisecond):
	case <-t.Context().Done():
		t.Fatal("the test is over")
	}
}
