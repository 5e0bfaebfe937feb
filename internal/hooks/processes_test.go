package hooks_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/hooks"
)

// rows are those of a database: whose request is over gets nothing from it. With meet, those who ask what is due
// get their answer when as many have asked.
type rows struct {
	hooks.Memory
	mu   sync.Mutex
	meet int
	met  chan struct{}
}

func (r *rows) Remove(ctx context.Context, id string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.Memory.Remove(ctx, id)
}

func (r *rows) Due(ctx context.Context, now time.Time, limit int) ([]hooks.Waiting, error) {
	due, err := r.Memory.Due(ctx, now, limit)
	r.mu.Lock()
	r.meet--
	left := r.meet
	r.mu.Unlock()
	switch {
	case left == 0:
		close(r.met)
	case left > 0:
		<-r.met
	}
	return due, err
}

func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestOfTwoProcessesOneTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, at := &receiver{}, &rows{meet: 2, met: make(chan struct{})}
		hook := hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter}}
		start(t, r, at, hook)
		h := start(t, r, at, hook)
		time.Sleep(time.Second)
		if _, err := h.Note(nil, hooks.LoginAfter, hooks.Occasion{Subject: "ada"}); err != nil { // which both find
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got, _ := r.got(); !cmp.Equal(got, []string{"login.after ada"}) {
			t.Errorf("got %v, want it told once", got)
		}
	})
}

func TestOthersLeaveWhatARequestWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := &hooks.Memory{}
		h := start(t, &receiver{}, at, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter}, Blocking: true})
		if _, err := h.Note(nil, hooks.LoginAfter, hooks.Occasion{Subject: "ada"}); err != nil {
			t.Fatal(err)
		}
		if due, err := at.Due(t.Context(), time.Now().Add(2*time.Second), 10); err != nil || len(due) > 0 {
			t.Errorf("got %v, %v, due before the request has tried", due, err)
		}
	})
}

func TestOneReceiverIsToldOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		r := &receiver{answer: func(*http.Request, map[string]any) (int, string) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return 204, ""
		}}
		h := start(t, r, &hooks.Memory{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter}})
		for _, who := range []string{"ada", "bob", "eve"} {
			happens(t, h, hooks.LoginAfter, who)
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		if got := h.Stats().Sent; got != 3 || most != 1 {
			t.Errorf("got %d told, %d at once; want 3, one after the other", got, most)
		}
	})
}

func TestARequestThatEndedTakesNothingAlong(t *testing.T) {
	t.Run("what it waits for is told", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := start(t, &receiver{}, &rows{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter}, Blocking: true})
			noted, err := h.Note(nil, hooks.LoginAfter, hooks.Occasion{Subject: "ada"})
			if err != nil {
				t.Fatal(err)
			}
			h.Tell(ended(t), noted)
			if got := h.Stats(); got.Sent != 1 || got.Failed != 0 {
				t.Errorf("got %+v, want it told", got)
			}
		})
	})
	t.Run("what did not happen is forgotten", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			h := start(t, r, &rows{}, hooks.Hook{Name: "crm", On: []hooks.Event{hooks.LoginAfter}})
			noted, err := h.Expect(t.Context(), hooks.LoginAfter, hooks.Occasion{Subject: "ada"})
			if err != nil {
				t.Fatal(err)
			}
			h.Forget(ended(t), noted)
			time.Sleep(5 * time.Minute)
			if got, _ := r.got(); len(got) > 0 {
				t.Errorf("got %v, want nothing told", got)
			}
		})
	})
}

// An address may hold what is secret.
func TestAFailureDoesNotTellTheAddress(t *testing.T) {
	h := hooks.New(hooks.Config{
		Log: slog.New(slog.DiscardHandler), Rows: &hooks.Memory{},
		Way: roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }),
	})
	h.Become([]hooks.Hook{{Name: "crm", On: []hooks.Event{hooks.LoginAfter}, URL: "https://receiver.example/?key=hunter2", Timeout: time.Second}})
	got, err := h.Test(t.Context(), "crm", hooks.LoginAfter)
	if err != nil || got.Problem != "it could not be reached: connection refused" {
		t.Errorf("got %q, %v", got.Problem, err)
	}
}
