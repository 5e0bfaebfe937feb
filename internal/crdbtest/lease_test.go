package crdbtest_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/identityd/internal/crdbtest"
	"example.com/identityd/internal/store"
)

// through opens a pool as the product does: through the seam, with the DSN that Resolve derives.
func through(t *testing.T, url, name string) *sql.DB {
	t.Helper()
	_, dsn, err := store.Resolve(store.Settings{
		URL: url, Kratos: store.Database{Name: name}, Pool: store.Pool{MaxOpen: 10, MaxIdle: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dsn, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// ownDatabase makes a database with the tables of identityd alone.
func ownDatabase(t *testing.T, s *crdbtest.Server) string {
	t.Helper()
	_, name := s.Names(t)
	if _, err := s.DB(t, "defaultdb").ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	if err := store.MigrateOwn(t.Context(), through(t, s.URL(), name), store.Cockroach); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLeases(t *testing.T) {
	s := crdbtest.Shared(t)
	name := ownDatabase(t, s)
	if err := store.MigrateOwn(t.Context(), through(t, s.URL(), name), store.Cockroach); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	log := slog.New(slog.DiscardHandler)
	t.Run("one of eight has it at a time, and fences grow", func(t *testing.T) {
		const contenders, rounds = 8, 5
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var (
			group           sync.WaitGroup
			inside, meeting atomic.Int64
			mu              sync.Mutex
			fences          []int64
		)
		for c := range contenders {
			leases := store.NewLeases(through(t, s.URL(), name), store.Cockroach, strconv.Itoa(c), log)
			group.Go(func() {
				for range rounds {
					lease, err := leases.Acquire(ctx, "work")
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
					inside.Add(-1)
					if err := lease.Release(ctx); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if meeting.Load() != 0 || len(fences) != contenders*rounds {
			t.Fatalf("got %d meetings in %d turns, want none in %d", meeting.Load(), len(fences), contenders*rounds)
		}
		for i, fence := range fences {
			if fence != int64(i+1) {
				t.Fatalf("got the fences %v, want 1, 2, 3 ... in order of the work", fences)
			}
		}
	})
	t.Run("one that is not renewed is taken over after its time, with a higher fence", func(t *testing.T) {
		const ttl = 4 * time.Second
		first := store.NewLeases(through(t, s.URL(), name), store.Cockroach, "first", log).WithTimes(ttl, ttl/4)
		lease, err := first.Acquire(t.Context(), "dead")
		if err != nil {
			t.Fatal(err)
		}
		// As after kill -9: the row stands, and nobody renews it.
		db := s.DB(t, name)
		if _, err := db.ExecContext(t.Context(), "UPDATE identityd_lease SET holder = 'gone', fence = fence + 1 WHERE name = 'dead'"); err != nil {
			t.Fatal(err)
		}
		select {
		case <-lease.Context().Done():
		case <-time.After(time.Minute):
			t.Fatal("the first holder does not notice")
		}
		if !errors.Is(context.Cause(lease.Context()), store.ErrLeaseLost) {
			t.Errorf("got cause %v, want %v", context.Cause(lease.Context()), store.ErrLeaseLost)
		}
		second := store.NewLeases(through(t, s.URL(), name), store.Cockroach, "second", log)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		next, err := second.Acquire(ctx, "dead")
		if err != nil {
			t.Fatal(err)
		}
		if next.Fence() != lease.Fence()+2 {
			t.Errorf("got fence %d after %d and one in between", next.Fence(), lease.Fence())
		}
		if err := next.Release(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestTx(t *testing.T) {
	s := crdbtest.Shared(t)
	name := ownDatabase(t, s)
	plain := s.DB(t, name)
	if _, err := plain.ExecContext(t.Context(), "CREATE TABLE counter (id INT PRIMARY KEY, n INT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, url string }{
		{"no update is lost under contention", s.URL()},
		// CockroachDB refuses each statement three times, as long as the transaction is repeated by its savepoint.
		{"nor with retry errors injected", s.URLWith("inject_retry_errors_enabled", "true")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := plain.ExecContext(t.Context(), "INSERT INTO counter VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET n = 0"); err != nil {
				t.Fatal(err)
			}
			const writers, rounds = 4, 10
			db := through(t, tt.url, name)
			var group sync.WaitGroup
			for range writers {
				group.Go(func() {
					for range rounds {
						err := store.Tx(t.Context(), db, store.Cockroach, func(tx *sql.Tx) error {
							var n int
							if err := tx.QueryRowContext(t.Context(), "SELECT n FROM counter WHERE id = 1").Scan(&n); err != nil {
								return err
							}
							_, err := tx.ExecContext(t.Context(), "UPDATE counter SET n = $1 WHERE id = 1", n+1)
							return err
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			if got := count(t, plain, "SELECT n FROM counter WHERE id = 1"); got != writers*rounds {
				t.Errorf("got %d, want %d", got, writers*rounds)
			}
		})
	}
	t.Run("what fails is not there", func(t *testing.T) {
		refused := errors.New("refused")
		err := store.Tx(t.Context(), through(t, s.URL(), name), store.Cockroach, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO counter VALUES (2, 1)"); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) || count(t, plain, "SELECT count(*) FROM counter WHERE id = 2") != 0 {
			t.Errorf("got %v, want %v and no row", err, refused)
		}
	})
}
