package supervisor_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/supervisor"
)

var errBoom = errors.New("boom")

// events is what happened, in order.
type events struct {
	mu   sync.Mutex
	list []string
}

func (e *events) add(s string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, s)
}

func (e *events) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.list)
}

// bench is what a row of the table acts on. Its sleeps are in a synctest bubble and take no time.
type bench struct {
	events  *events
	signals chan os.Signal
	cancel  context.CancelFunc
	release chan struct{} // ends the actors that ignore their context
}

// waits returns an actor that stops when told, taking its time and returning err.
func (b *bench) waits(name string, stopping time.Duration, err error) supervisor.Actor {
	return supervisor.Actor{Name: name, Run: func(ctx context.Context) error {
		<-ctx.Done()
		b.events.add(name + " told")
		time.Sleep(stopping)
		b.events.add(name + " returned")
		return err
	}}
}

// ends returns an actor that ends by itself.
func (b *bench) ends(name string, after time.Duration, err error) supervisor.Actor {
	return supervisor.Actor{Name: name, Run: func(context.Context) error {
		time.Sleep(after)
		b.events.add(name + " ended")
		return err
	}}
}

// hangs returns an actor that does not heed its context.
func (b *bench) hangs(name string) supervisor.Actor {
	return supervisor.Actor{Name: name, Run: func(context.Context) error {
		<-b.release
		return nil
	}}
}

func TestGroup(t *testing.T) {
	const grace = 3 * time.Second
	tests := []struct {
		name   string
		actors func(b *bench) []supervisor.Actor
		act    func(b *bench) // after a second
		// want is the error's text, empty for nil.
		want       string
		wantForced bool
		wantEvents []string
		wantTook   time.Duration
		wantLog    [][]string
		notInError string
	}{
		{
			name: "an actor that returns nil stops the others",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.waits("one", 0, nil), b.ends("two", time.Second, nil)}
			},
			wantEvents: []string{"two ended", "one told", "one returned"},
			wantTook:   time.Second,
			wantLog: [][]string{
				{"actor stopped", "actor=one", "asked=true"},
				{"actor stopped", "actor=two", "asked=false"},
			},
		},
		{
			name: "an actor that fails stops the others and is named",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.waits("one", 0, nil), b.ends("hydra", time.Second, errBoom)}
			},
			want:       "hydra: boom",
			wantEvents: []string{"hydra ended", "one told", "one returned"},
			wantTook:   time.Second,
			wantLog:    [][]string{{"level=ERROR", "actor failed", "actor=hydra", "err=boom"}},
		},
		{
			name: "a panic becomes an error with its name, and its stack goes to the log only",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{
					b.waits("one", 0, nil),
					{Name: "courier", Run: func(context.Context) error { panic("no stamps") }},
				}
			},
			want:       "courier: panic: no stamps",
			wantEvents: []string{"one told", "one returned"},
			wantLog:    [][]string{{"actor panicked", "actor=courier", "goroutine", "group_test.go"}},
			notInError: "goroutine",
		},
		{
			name: "an actor that ignores its context is abandoned after the grace",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.hangs("stuck"), b.waits("next", 0, nil)}
			},
			act:        func(b *bench) { b.signals <- syscall.SIGTERM },
			want:       "stuck: still running 3s after it was told to stop, abandoned",
			wantEvents: []string{"next told", "next returned"},
			wantTook:   time.Second + grace,
			wantLog:    [][]string{{"level=ERROR", "actor abandoned", "actor=stuck"}},
		},
		{
			name: "an actor's own grace overrides the group's",
			actors: func(b *bench) []supervisor.Actor {
				slow := b.waits("slow", 20*time.Second, nil)
				slow.Grace = 30 * time.Second
				return []supervisor.Actor{slow}
			},
			act:        func(b *bench) { b.signals <- syscall.SIGTERM },
			wantEvents: []string{"slow told", "slow returned"},
			wantTook:   21 * time.Second,
		},
		{
			name: "two failures are joined, the first one first",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{
					b.waits("one", 0, errors.New("closing went wrong")),
					b.ends("two", time.Second, errBoom),
				}
			},
			want:       "two: boom\none: closing went wrong",
			wantEvents: []string{"two ended", "one told", "one returned"},
			wantTook:   time.Second,
		},
		{
			name: "a signal is a clean end, and actors stop one after the other as registered",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{
					b.waits("listeners", 2*time.Second, nil),
					b.waits("courier", time.Second, context.Canceled),
					b.waits("engines", 0, fmt.Errorf("waiting: %w", context.Canceled)),
				}
			},
			act: func(b *bench) { b.signals <- syscall.SIGTERM },
			wantEvents: []string{
				"listeners told", "listeners returned", "courier told", "courier returned",
				"engines told", "engines returned",
			},
			wantTook: 4 * time.Second,
			wantLog:  [][]string{{"msg=stopping", "signal=terminated"}},
		},
		{
			name: "a failure while stopping after a signal is reported",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.waits("one", 0, errBoom)}
			},
			act:        func(b *bench) { b.signals <- os.Interrupt },
			want:       "one: boom",
			wantEvents: []string{"one told", "one returned"},
			wantTook:   time.Second,
		},
		{
			name: "a canceled context is a clean end that keeps the order",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.waits("one", time.Second, nil), b.waits("two", 0, nil)}
			},
			act:        func(b *bench) { b.cancel() },
			wantEvents: []string{"one told", "one returned", "two told", "two returned"},
			wantTook:   2 * time.Second,
		},
		{
			name: "a cancellation that nobody asked for is a failure",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.ends("one", time.Second, context.Canceled)}
			},
			want:       "one: context canceled",
			wantEvents: []string{"one ended"},
			wantTook:   time.Second,
		},
		{
			name: "a second signal ends the run at once although actors hang",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{b.hangs("stuck"), b.hangs("stuck too")}
			},
			act: func(b *bench) {
				b.signals <- syscall.SIGTERM
				time.Sleep(500 * time.Millisecond)
				b.signals <- syscall.SIGTERM
			},
			want:       supervisor.ErrForced.Error(),
			wantForced: true,
			wantTook:   1500 * time.Millisecond,
			wantLog:    [][]string{{"level=WARN", "stopping at once"}},
		},
		{
			name: "a first signal after a failure does not force",
			actors: func(b *bench) []supervisor.Actor {
				return []supervisor.Actor{
					b.waits("one", 2*time.Second, nil), b.ends("two", 500*time.Millisecond, errBoom),
				}
			},
			act:        func(b *bench) { b.signals <- syscall.SIGTERM },
			want:       "two: boom",
			wantEvents: []string{"two ended", "one told", "one returned"},
			wantTook:   2500 * time.Millisecond,
		},
		{
			name:   "a group without actors has nothing to do",
			actors: func(*bench) []supervisor.Actor { return nil },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b := &bench{
					events: &events{}, cancel: cancel,
					signals: make(chan os.Signal, 2), release: make(chan struct{}),
				}
				defer close(b.release)
				log, logged := newLog()
				g := supervisor.New(supervisor.Config{Log: log, Signals: b.signals, Grace: grace})
				for _, a := range tt.actors(b) {
					g.Add(a)
				}
				if tt.act != nil {
					go func() {
						time.Sleep(time.Second)
						tt.act(b)
					}()
				}
				started := time.Now()
				err := g.Run(ctx)
				took := time.Since(started)

				got := ""
				if err != nil {
					got = err.Error()
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if got := errors.Is(err, supervisor.ErrForced); got != tt.wantForced {
					t.Errorf("errors.Is(err, ErrForced): got %v, want %v", got, tt.wantForced)
				}
				if diff := cmp.Diff(tt.wantEvents, b.events.all()); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if took != tt.wantTook {
					t.Errorf("took: got %s, want %s", took, tt.wantTook)
				}
				for _, parts := range tt.wantLog {
					if len(logged.lines(parts...)) == 0 {
						t.Errorf("no log line holds all of %q:\n%s", parts, logged)
					}
				}
				if tt.notInError != "" && strings.Contains(got, tt.notInError) {
					t.Errorf("the error holds %q: %s", tt.notInError, got)
				}
			})
		})
	}
}

func TestGroupKeepsTheCauseOfAFailure(t *testing.T) {
	g := supervisor.New(supervisor.Config{Signals: make(chan os.Signal)})
	g.Add(supervisor.Actor{Name: "one", Run: func(context.Context) error { return errBoom }})
	if err := g.Run(t.Context()); !errors.Is(err, errBoom) {
		t.Errorf("got %v, want an error that wraps %v", err, errBoom)
	}
}

func TestGroupActorsSeeTheValuesOfTheContext(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "here")
	var got any
	g := supervisor.New(supervisor.Config{Signals: make(chan os.Signal)})
	g.Add(supervisor.Actor{Name: "one", Run: func(ctx context.Context) error {
		got = ctx.Value(key{})
		return nil
	}})
	if err := g.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got != "here" {
		t.Errorf("got %v, want here", got)
	}
}

func TestGroupListensToTheProcessWhenNoSignalsAreGiven(t *testing.T) {
	g := supervisor.New(supervisor.Config{})
	g.Add(supervisor.Actor{Name: "one", Run: func(ctx context.Context) error {
		// Run has subscribed before it starts an actor, or this would end the test binary.
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}})
	if err := g.Run(t.Context()); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
