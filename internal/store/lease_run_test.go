package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

func TestRun(t *testing.T) {
	t.Run("it acquires the lease again when its connections were killed", func(t *testing.T) {
		s := pgtest.Shared(t)
		e := postgresOn(t, s)
		name := ""
		if err := migrated(t, e).QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		l := leases(t, e, "one")
		enough := errors.New("enough")
		var fences []int64
		err := l.Run(bounded(t), "work", func(ctx context.Context) error {
			fences = append(fences, l.Stats()["work"].Fence)
			if len(fences) == 3 {
				return enough
			}
			s.Admin(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, enough) || !slices.Equal(fences, []int64{1, 2, 3}) {
			t.Errorf("got %v after the fences %v, want the third to end it", err, fences)
		}
		if got := l.Stats()["work"]; got.Lost != 2 || got.Held {
			t.Errorf("got %+v, want two losses", got)
		}
	})
	t.Run("what fn returns is returned and the lease is free", func(t *testing.T) {
		for _, kind := range kinds {
			e := kind.make(t)
			migrated(t, e)
			want := errors.New("done")
			if err := leases(t, e, "one").Run(bounded(t), "work", func(context.Context) error { return want }); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", kind.name, err, want)
			}
			release(t, acquire(t, leases(t, e, "two")))
		}
	})
	t.Run("the end of its context is waited for by fn and returned", func(t *testing.T) {
		e := kinds[2].make(t)
		migrated(t, e)
		ctx, cancel := context.WithCancel(t.Context())
		err := leases(t, e, "one").Run(ctx, "work", func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return nil
		})
		if err != nil {
			t.Errorf("got %v, want what fn returned", err)
		}
		if err := leases(t, e, "one").Run(ctx, "work", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}

func TestAFrozenDatabaseEndsTheLeaseInTime(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	for _, dialect := range []store.Dialect{store.Postgres, store.Cockroach} {
		e := postgresOn(t, s)
		e.dialect = dialect
		migrated(t, e)
		first, other := acquire(t, leases(t, e, "first")), leases(t, e, "second")
		s.Freeze()
		began := time.Now()
		wantLost(t, first)
		if got := time.Since(began); got >= 3*shortTTL {
			t.Errorf("%s: lost after %s, want about the %s that it stands", dialect, got, shortTTL)
		}
		s.Thaw()
		second := acquire(t, other)
		if first.Fence() != 1 || second.Fence() != 2 {
			t.Errorf("%s: got fences %d and %d, want 1 and 2", dialect, first.Fence(), second.Fence())
		}
		release(t, second)
	}
}
