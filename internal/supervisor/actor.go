package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// supervised is an actor as run.Group sees it: an execute function that always returns in the end,
// and an interrupt function that waits.
type supervised struct {
	actor     Actor
	log       *slog.Logger
	failures  *failures
	forced    <-chan struct{}
	ctx       context.Context // run.Group's execute takes no context
	cancel    context.CancelFunc
	done      chan struct{} // closed when Run has returned
	abandoned chan struct{} // closed when Run was given up
}

func newSupervised(
	ctx context.Context, a Actor, log *slog.Logger, f *failures, forced <-chan struct{},
) *supervised {
	ctx, cancel := context.WithCancel(ctx)
	return &supervised{
		actor: a, log: log.With("actor", a.Name), failures: f, forced: forced,
		ctx: ctx, cancel: cancel,
		done: make(chan struct{}), abandoned: make(chan struct{}),
	}
}

// execute runs the actor on a goroutine of its own, because run.Group waits for every execute
// function and one actor that ignores its context must not hold the others.
func (s *supervised) execute() error {
	started := time.Now()
	go func() {
		defer close(s.done)
		s.exited(s.call(), time.Since(started))
	}()
	select {
	case <-s.done:
	case <-s.abandoned:
	case <-s.forced:
	}
	return nil
}

// interrupt cancels and waits, which is what makes the actors stop one after the other.
func (s *supervised) interrupt(error) {
	s.cancel()
	grace := time.NewTimer(s.actor.Grace)
	defer grace.Stop()
	select {
	case <-s.done:
	case <-s.forced:
	case <-grace.C:
		s.log.ErrorContext(s.ctx, "actor abandoned", "grace", s.actor.Grace.String())
		s.failures.add(fmt.Errorf("%s: still running %s after it was told to stop, abandoned",
			s.actor.Name, s.actor.Grace))
		close(s.abandoned)
	}
}

// exited logs and keeps what Run returned. The cancellation that the group itself caused is not a
// failure.
func (s *supervised) exited(err error, ran time.Duration) {
	asked := s.ctx.Err() != nil
	if err == nil || asked && errors.Is(err, context.Canceled) {
		s.log.InfoContext(s.ctx, "actor stopped", "asked", asked, "duration", ran.String())
		return
	}
	s.log.ErrorContext(s.ctx, "actor failed", "asked", asked, "duration", ran.String(), "err", err)
	s.failures.add(fmt.Errorf("%s: %w", s.actor.Name, err))
}

// call turns a panic into an error. The stack goes to the log only, since the error is shown to
// people.
func (s *supervised) call() (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(s.ctx, "actor panicked", "panic", fmt.Sprint(p),
				"stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.actor.Run(s.ctx)
}
