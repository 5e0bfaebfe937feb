package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/oklog/run"
)

// ErrForced is returned by Group.Run when a second signal arrived: nothing was waited for.
var ErrForced = errors.New("stopped by a second signal without waiting")

// defaultGrace is what an actor gets to return after its context was canceled.
const defaultGrace = 10 * time.Second

// Actor is one long-running part of the process.
type Actor struct {
	// Name appears in logs and in front of the actor's error.
	Name string
	// Run blocks until the actor is done. A canceled context asks it to stop.
	Run func(ctx context.Context) error
	// Grace is how long Run may take to return once its context is canceled; zero means the
	// group's.
	Grace time.Duration
}

// Config says how a Group hears about its end.
type Config struct {
	// Log receives every actor's exit; nil discards.
	Log *slog.Logger
	// Signals delivers what ends the group; nil means SIGINT and SIGTERM of this process, whose
	// default effect is back when Run returns.
	Signals <-chan os.Signal
	// Grace is the default of Actor.Grace; zero means ten seconds.
	Grace time.Duration
}

// Group runs actors together and stops them one after the other.
type Group struct {
	cfg    Config
	actors []Actor
}

// New returns a Group without actors.
func New(cfg Config) *Group {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Grace <= 0 {
		cfg.Grace = defaultGrace
	}
	return &Group{cfg: cfg}
}

// Add registers an actor. Actors stop in the order they were added: each has returned, or has been
// abandoned, before the next one's context is canceled. Add must not be called during Run.
func (g *Group) Add(a Actor) {
	if a.Grace <= 0 {
		a.Grace = g.cfg.Grace
	}
	g.actors = append(g.actors, a)
}

// Run starts all actors and returns when all have returned or were abandoned. The first actor to
// return stops the others, even when it returned nil. A signal and a canceled ctx are clean ends.
// The error joins the failures of all actors in the order they happened, each under its actor's
// name; a second signal makes it ErrForced, at once.
func (g *Group) Run(ctx context.Context) error {
	if len(g.actors) == 0 {
		return nil
	}
	signals := g.cfg.Signals
	if signals == nil {
		notified := make(chan os.Signal, 2)
		signal.Notify(notified, syscall.SIGINT, syscall.SIGTERM)
		defer signal.Stop(notified)
		signals = notified
	}

	// Actors must stop one after the other, so none may see the end of ctx by itself.
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	w := watch{stop: make(chan struct{}), forced: make(chan struct{})}
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { w.run(ctx, g.cfg.Log, signals, ended) })

	var (
		rg       run.Group
		failures failures
	)
	leaving := make(chan struct{})
	rg.Add(func() error {
		select {
		case <-w.stop:
		case <-leaving:
		}
		return nil
	}, func(error) { close(leaving) })
	for _, a := range g.actors {
		s := newSupervised(detached, a, g.cfg.Log, &failures, w.forced)
		rg.Add(s.execute, s.interrupt)
	}
	// The list of failures replaces the one error that run.Group keeps.
	_ = rg.Run()
	close(ended)
	watching.Wait()

	select {
	case <-w.forced:
		return ErrForced
	default:
		return failures.join()
	}
}
