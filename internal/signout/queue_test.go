package signout_test

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

	"example.com/identityd/internal/signout"
)

var errAway = errors.New("away")

// world is both engines and the rows.
type world struct {
	signout.Memory
	mu      sync.Mutex
	queue   *signout.Queue
	logins  []signout.Login
	alive   map[string]bool
	endings []signout.Session
	away    bool             // Hydra's database
	refuse  map[string]error // by client
	slow    map[string]bool
	told    []string
	ids     []string
	tries   int
}

func (w *world) lock() func() { w.mu.Lock(); return w.mu.Unlock }

func (w *world) Logins(_ context.Context, s signout.Session) (out []signout.Login, err error) {
	defer w.lock()()
	if w.away {
		return nil, errAway
	}
	for _, l := range w.logins {
		if s.ID == "" || s.ID == l.Provider {
			out = append(out, l)
		}
	}
	return out, nil
}

func (w *world) EndLogin(ctx context.Context, _, id string) ([]string, error) {
	unlock := w.lock()
	w.logins = slices.DeleteFunc(w.logins, func(l signout.Login) bool { return l.ID == id })
	unlock()
	return []string{"https://app.example/" + id}, w.queue.Tell(ctx, id, []string{"app"})
}

func (w *world) Alive(context.Context, string, []string) (map[string]bool, error) {
	defer w.lock()()
	return w.alive, nil
}

func (w *world) Tell(ctx context.Context, m signout.Message) (bool, error) {
	unlock := w.lock()
	w.tries++
	w.ids = append(w.ids, m.ID)
	err, slow := w.refuse[m.Client], w.slow[m.Client]
	unlock()
	if slow {
		<-ctx.Done()
		return false, context.Cause(ctx)
	}
	if err != nil {
		return m.Client != "gone", err
	}
	defer w.lock()()
	w.told = append(w.told, m.Client+" "+m.Session)
	return true, nil
}

func (w *world) Endings(_ context.Context, before time.Time, _ int) ([]signout.Session, error) {
	defer w.lock()()
	return slices.Clone(w.endings), nil
}

func (w *world) Settled(_ context.Context, s signout.Session) error {
	defer w.lock()()
	w.endings = slices.DeleteFunc(w.endings, func(o signout.Session) bool { return o == s })
	return nil
}

func (w *world) start(t *testing.T) {
	t.Helper()
	w.queue = signout.New(signout.Config{Log: slog.New(slog.DiscardHandler), Rows: w})
	w.queue.Connect(w, w)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.queue.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

// attempts returns how many there were, and by how many names.
func (w *world) attempts() (n, names int) {
	defer w.lock()()
	return w.tries, len(slices.Compact(slices.Sorted(slices.Values(w.ids))))
}

func (w *world) got() []string {
	defer w.lock()()
	slices.Sort(w.told)
	return slices.Clone(w.told)
}

func TestSettle(t *testing.T) {
	both := func() []signout.Login { return []signout.Login{{ID: "h1", Provider: "k1"}, {ID: "h2", Provider: "k2"}} }
	for name, tt := range map[string]struct {
		ended signout.Session
		alive map[string]bool
		want  []string
	}{
		"one session of Kratos takes its own":           {signout.Session{Subject: "ada", ID: "k1"}, map[string]bool{"k2": true}, []string{"app h1"}},
		"one that is alive after all takes none":        {signout.Session{Subject: "ada", ID: "k1"}, map[string]bool{"k1": true, "k2": true}, nil},
		"all others take theirs, and leave the one":     {signout.Session{Subject: "ada"}, map[string]bool{"k1": true}, []string{"app h2"}},
		"the end of the account takes all":              {signout.Session{Subject: "ada"}, nil, []string{"app h1", "app h2"}},
		"one that Hydra never knew is nothing to do at": {signout.Session{Subject: "ada", ID: "k3"}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{logins: both(), alive: tt.alive}
				w.start(t)
				frames := w.queue.Settle(t.Context(), []signout.Session{tt.ended})
				synctest.Wait()
				if diff := cmp.Diff(tt.want, w.got()); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
				if len(frames) != len(tt.want) {
					t.Errorf("got frames %v, want %d", frames, len(tt.want))
				}
			})
		})
	}
}

func TestWhatIsLeftBehindIsFinished(t *testing.T) {
	t.Run("the row of a process that is gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{logins: []signout.Login{{ID: "h1", Provider: "k1"}}, endings: []signout.Session{{Subject: "ada", ID: "k1"}}}
			w.start(t)
			time.Sleep(6 * time.Second)
			synctest.Wait()
			if diff := cmp.Diff([]string{"app h1"}, w.got()); diff != "" || len(w.endings) != 0 {
				t.Errorf("%s\nand rows %v", diff, w.endings)
			}
		})
	})
	t.Run("what failed while somebody waited for it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ended := signout.Session{Subject: "ada", ID: "k1"}
			w := &world{away: true, logins: []signout.Login{{ID: "h1", Provider: "k1"}}, endings: []signout.Session{ended}}
			w.start(t)
			w.queue.Settle(t.Context(), []signout.Session{ended})
			time.Sleep(time.Minute)
			if got := w.got(); got != nil {
				t.Fatalf("got %v while the database is away", got)
			}
			unlock := w.lock()
			w.away = false
			unlock()
			time.Sleep(6 * time.Second)
			if diff := cmp.Diff([]string{"app h1"}, w.got()); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestTelling(t *testing.T) {
	t.Run("the same client is told of one session once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{refuse: map[string]error{"app": &signout.Refused{Status: 503}}}
			w.start(t)
			for range 3 {
				if err := w.queue.Tell(t.Context(), "h1", []string{"app"}); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			if n, _ := w.attempts(); n != 1 || w.queue.Stats().Failed != 1 {
				t.Errorf("got %d attempts, %+v, want one that failed", n, w.queue.Stats())
			}
			time.Sleep(2 * time.Hour)
			if n, names := w.attempts(); n < 5 || names != 1 {
				t.Errorf("got %d attempts by %d names, want several by one", n, names)
			}
		})
	})
	t.Run("a day of failures is the end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{refuse: map[string]error{"app": errAway}}
			w.start(t)
			if err := w.queue.Tell(t.Context(), "h1", []string{"app"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(12 * time.Hour)
			if got := w.queue.Stats().GivenUp; got != 0 {
				t.Errorf("given up after 12 hours")
			}
			time.Sleep(28 * time.Hour)
			if n, _ := w.attempts(); w.queue.Stats().GivenUp != 1 || n != 20 {
				t.Errorf("got %d attempts, %+v, want twenty and an end", n, w.queue.Stats())
			}
		})
	})
	t.Run("one that hangs keeps nobody else waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{slow: map[string]bool{"slow": true}}
			w.start(t)
			for _, session := range []string{"h1", "h2", "h3"} {
				if err := w.queue.Tell(t.Context(), session, []string{"slow", "app"}); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			if diff := cmp.Diff([]string{"app h1", "app h2", "app h3"}, w.got()); diff != "" {
				t.Error(diff)
			}
		})
	})
	t.Run("a client that is gone is told nothing, and counts as nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{}
			gone := &quiet{world: w}
			w.queue = signout.New(signout.Config{Log: slog.New(slog.DiscardHandler), Rows: w})
			w.queue.Connect(gone, w)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); w.queue.Run(ctx) }()
			if err := w.queue.Tell(t.Context(), "h1", []string{"app"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			_, waiting, err := w.Due(t.Context(), time.Now(), 10)
			if got := w.queue.Stats(); err != nil || waiting != 0 || got.Sent != 0 || got.Failed != 0 {
				t.Errorf("got %d waiting, %+v, %v", waiting, got, err)
			}
			cancel()
			<-done
		})
	})
}

// quiet is Hydra without the client.
type quiet struct{ *world }

func (*quiet) Tell(context.Context, signout.Message) (bool, error) { return false, nil }
