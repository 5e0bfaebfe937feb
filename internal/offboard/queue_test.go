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
	mu     sync.Mutex
	queue  *offboard.Queue
	away   bool // Hydra's database
	full   bool // the rows are not taken
	active bool
	asked  []string
	after  []string
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
	return k.active, nil
}

func (h hydra) EndAccess(_ context.Context, person string, before time.Time) (offboard.Ended, error) {
	h.mu.Lock()
	away := h.away
	h.mu.Unlock()
	if away {
		return offboard.Ended{}, errAway
	}
	h.say("hydra " + person + ": " + limit(before))
	return offboard.Ended{Logins: 1, Refresh: 3}, nil
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
			w.set(func() { w.after = append(w.after, o.Identity+" "+o.Reason) })
			return nil
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
		if diff := cmp.Diff([]string{"ada revoked"}, w.after); diff != "" {
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
	if err := m.Remove(t.Context(), first); err != nil { // whoever was busy with the first is done
		t.Fatal(err)
	}
	due, err := m.Due(t.Context(), at.Add(time.Minute), 10)
	if diff := cmp.Diff([]offboard.Order{second}, due); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
