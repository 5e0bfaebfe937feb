package offboard_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/offboard"
)

var errAway = errors.New("away")

// world is both engines, and says what they were asked for.
type world struct {
	offboard.Memory
	mu      sync.Mutex
	queue   *offboard.Queue
	away    bool // Hydra's database
	full    bool // the rows are not taken
	active  bool
	lost    bool // Kratos does not say who is active
	unheard int  // so often what comes after an order fails
	asked   []string
	after   []string
}

func (w *world) say(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

func (w *world) said() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = nil
	return out
}

func (w *world) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func limit(before time.Time) string {
	if before.IsZero() {
		return "all"
	}
	return "until " + before.UTC().Format("15:04:05")
}

type (
	kratos struct{ *world }
	hydra  struct{ *world }
)

func (k kratos) EndAccess(_ context.Context, person, keep string, before time.Time) (offboard.Ended, error) {
	k.say("kratos " + person + " but " + keep + ": " + limit(before))
	return offboard.Ended{Sessions: 2}, nil
}

func (k kratos) Active(context.Context, string) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lost {
		return false, errAway
	}
	return k.active, nil
}

func (h hydra) EndAccess(ctx context.Context, person string, before time.Time) (offboard.Ended, error) {
	if ctx.Err() != nil {
		return offboard.Ended{}, ctx.Err()
	}
	h.mu.Lock()
	away := h.away
	h.mu.Unlock()
	if away {
		return offboard.Ended{}, errAway
	}
	h.say("hydra " + person + ": " + limit(before))
	return offboard.Ended{Logins: 1, Refresh: 3}, nil
}

func (w *world) Put(ctx context.Context, o offboard.Order, due time.Time) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return w.Memory.Put(ctx, o, due)
}

func (w *world) Add(ctx context.Context, o offboard.Order) error {
	w.mu.Lock()
	full := w.full
	w.mu.Unlock()
	if full {
		return errAway
	}
	return w.Memory.Add(ctx, o)
}

func (w *world) start(t *testing.T) {
	t.Helper()
	w.queue = offboard.New(offboard.Config{
		Log: slog.New(slog.DiscardHandler), Rows: w,
		After: func(_ context.Context, o offboard.Order, _ offboard.Ended) error {
			var err error
			w.set(func() {
				if w.unheard--; w.unheard >= 0 {
					err = errAway
					return
				}
				w.after = append(w.after, o.Identity+" "+o.Reason)
			})
			return err
		},
	})
	w.queue.Connect(kratos{w}, hydra{w})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.queue.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func TestAnOrderEndsEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{active: true}
		w.start(t)
		got, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: offboard.Revoked, Keep: "s1"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(offboard.Ended{Sessions: 2, Logins: 1, Refresh: 3}, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"kratos ada but s1: all", "hydra ada: all"}, w.said()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Minute)
		if got := w.said(); got != nil {
			t.Errorf("within a minute: got %v, want nothing more", got)
		}
		time.Sleep(time.Minute)
		// It leaves alone what began since: the person has signed in again.
		if diff := cmp.Diff([]string{"kratos ada but s1: until 00:00:05", "hydra ada: until 00:00:05"}, w.said()); diff != "" {
			t.Errorf("the second look: %s", diff)
		}
		time.Sleep(time.Hour)
		if got := w.said(); got != nil {
			t.Errorf("later: got %v, want no order any more", got)
		}
		var told []string
		w.set(func() { told = slices.Clone(w.after) })
		if diff := cmp.Diff([]string{"ada revoked"}, told); diff != "" {
			t.Errorf("told afterwards: %s", diff)
		}
	})
}

func TestTheSecondLookAtWhoMayNotSignInSparesNothing(t *testing.T) {
	for reason, want := range map[string][]string{
		offboard.Deactivated: {"kratos ada but : all", "hydra ada: all"},
		offboard.Deleted:     {"hydra ada: all"},
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{}
				w.start(t)
				if _, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: reason}); err != nil {
					t.Fatal(err)
				}
				w.said()
				time.Sleep(2 * time.Minute)
				if diff := cmp.Diff(want, w.said()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatIsLeftBehindIsTakenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		o := offboard.Order{Identity: "ada", Reason: offboard.Deactivated, Noted: time.Now()}
		if err := w.Note(nil, o); err != nil { // and the process ends here
			t.Fatal(err)
		}
		w.start(t)
		time.Sleep(offboard.Young - time.Second)
		if got := w.said(); got != nil {
			t.Errorf("got %v while its own process may be busy with it", got)
		}
		time.Sleep(10 * time.Second)
		if diff := cmp.Diff([]string{"kratos ada but : all", "hydra ada: all"}, w.said()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAFailureIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{away: true}
		w.start(t)
		_, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: offboard.Deactivated})
		if !errors.Is(err, errAway) || errors.Is(err, offboard.ErrUnwritten) {
			t.Fatalf("got %v, want the failure, and that the order is written down", err)
		}
		time.Sleep(20 * time.Minute)
		if n := w.queue.Stats().Failed; n < 5 || n > 60 || w.queue.Stats().Done != 0 {
			t.Errorf("got %+v after 20 minutes, want attempts with pauses between", w.queue.Stats())
		}
		w.set(func() { w.away = false })
		w.said()
		time.Sleep(6 * time.Minute)
		if got := w.said(); !slices.Contains(got, "hydra ada: all") || w.queue.Stats().Done != 1 {
			t.Errorf("got %v, %+v, want it done", got, w.queue.Stats())
		}
	})
}

func TestWhoGoesAwayKeepsNothingOpen(t *testing.T) {
	gone := func(t *testing.T) context.Context {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return ctx
	}
	t.Run("an order of a request that ended is carried out", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			w.start(t)
			w.queue.Carry(gone(t), []offboard.Order{{Identity: "ada", Reason: offboard.Deactivated, Noted: time.Now()}})
			if diff := cmp.Diff([]string{"kratos ada but : all", "hydra ada: all"}, w.said()); diff != "" {
				t.Error(diff)
			}
		})
	})
	t.Run("one that failed with its request waits longer each time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			w.start(t)
			if _, err := w.queue.Do(gone(t), offboard.Order{Identity: "ada", Reason: offboard.Deactivated}); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			w.said()
			time.Sleep(offboard.Young - 5*time.Second)
			if got := w.said(); !slices.Contains(got, "hydra ada: all") {
				t.Errorf("got %v, want another attempt before others take it for left behind", got)
			}
		})
	})
}

func TestWhoCannotBeToldIsToldLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{unheard: 2}
		w.start(t)
		if _, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: offboard.Revoked}); !errors.Is(err, errAway) {
			t.Errorf("got %v, want that nobody was told", err)
		}
		time.Sleep(time.Minute)
		var told []string
		w.set(func() { told = slices.Clone(w.after) })
		if diff := cmp.Diff([]string{"ada revoked"}, told); diff != "" {
			t.Error(diff)
		}
	})
}

func TestALateOrderEndsNoMoreThanItHasTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{active: true}
		w.start(t)
		if _, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: offboard.Revoked}); err != nil {
			t.Fatal(err)
		}
		w.said()
		w.set(func() { w.lost = true })
		time.Sleep(2 * time.Minute)
		if got := w.said(); got != nil {
			t.Errorf("got %v while nobody knows whether the person may sign in", got)
		}
		w.set(func() { w.lost = false })
		time.Sleep(6 * time.Minute)
		if diff := cmp.Diff([]string{"kratos ada but : until 00:00:05", "hydra ada: until 00:00:05"}, w.said()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnOrderThatIsNotTakenEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{full: true}
		w.start(t)
		if _, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: offboard.Revoked}); !errors.Is(err, offboard.ErrUnwritten) {
			t.Errorf("got %v, want that it is not written down", err)
		}
		if _, err := w.queue.Do(t.Context(), offboard.Order{Identity: "ada", Reason: "because"}); err == nil {
			t.Error("a reason that is not known is taken")
		}
		if got := w.said(); got != nil {
			t.Errorf("got %v, want nothing", got)
		}
	})
}

func TestAnOrderThatIsNotedAnewIsCarriedOutAnew(t *testing.T) {
	m := &offboard.Memory{}
	at := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	first := offboard.Order{Identity: "ada", Reason: offboard.PasswordChanged, Keep: "s1", Noted: at}
	second := first
	second.Noted = at.Add(time.Second)
	for _, o := range []offboard.Order{first, second} {
		if err := m.Note(nil, o); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Put(t.Context(), first, at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := m.Remove(t.Context(), first); err != nil { // whoever was busy with the first is done
		t.Fatal(err)
	}
	due, err := m.Due(t.Context(), at.Add(time.Minute), 10)
	if diff := cmp.Diff([]offboard.Order{second}, due); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
