package revoke_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/identityd/internal/revoke"
)

var errAway = errors.New("the database is away")

// world is a database that can be away, and what was revoked.
type world struct {
	mu      sync.Mutex
	away    bool
	rows    []string
	revoked []string
}

func (w *world) set(away bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = away
}

func (w *world) do(f func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away {
		return errAway
	}
	f()
	return nil
}

func (w *world) Add(_ context.Context, family string) error {
	return w.do(func() { w.rows = append(w.rows, family) })
}

func (w *world) List(context.Context, int) (out []string, err error) {
	err = w.do(func() { out = slices.Clone(w.rows) })
	return out, err
}

func (w *world) Remove(_ context.Context, family string) error {
	return w.do(func() { w.rows = slices.DeleteFunc(w.rows, func(f string) bool { return f == family }) })
}

func (w *world) revoke(_ context.Context, family string) error {
	return w.do(func() { w.revoked = append(w.revoked, family) })
}

func start(w *world, rows revoke.Rows) (q *revoke.Queue, stop func()) {
	q = revoke.New(revoke.Config{Log: slog.New(slog.DiscardHandler), Rows: rows, Revoke: w.revoke})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx)
	}()
	return q, func() { cancel(); <-done }
}

func TestQueue(t *testing.T) {
	t.Run("a family is revoked at once when the database is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			q, stop := start(w, w)
			defer stop()
			q.Add(t.Context(), "a")
			synctest.Wait()
			want(t, w, "a")
			if got := q.Stats(); got.Added != 1 || got.Done != 1 || got.Waiting != 0 || len(w.rows) != 0 {
				t.Errorf("got %+v and rows %v, want one done and no row", got, w.rows)
			}
		})
	})
	for name, rows := range map[string]bool{"with rows": true, "in memory alone": false} {
		t.Run("an outage is outlasted, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{away: true}
				var kept revoke.Rows
				if rows {
					kept = w
				}
				q, stop := start(w, kept)
				defer stop()
				q.Add(t.Context(), "a")
				q.Add(t.Context(), "b")
				time.Sleep(time.Hour)
				if got := q.Stats().Waiting; got != 2 {
					t.Errorf("got %d waiting, want 2", got)
				}
				w.set(false)
				time.Sleep(6 * time.Second)
				want(t, w, "a", "b")
				if len(w.rows) != 0 {
					t.Errorf("got rows %v, want none", w.rows)
				}
			})
		})
	}
	t.Run("a family of a process that is gone is revoked by another", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{rows: []string{"a"}}
			_, stop := start(w, w)
			defer stop()
			time.Sleep(6 * time.Second)
			want(t, w, "a")
		})
	})
	t.Run("the end of the process is one more chance", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{away: true}
			q, stop := start(w, nil)
			q.Add(t.Context(), "a")
			synctest.Wait()
			w.set(false)
			stop()
			want(t, w, "a")
		})
	})
}

func want(t *testing.T, w *world, families ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.revoked)
	if !slices.Equal(w.revoked, families) {
		t.Errorf("got %v revoked, want %v", w.revoked, families)
	}
}
