package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// checkLimit is below the three seconds after which common load balancers give up a probe.
	checkLimit = 2 * time.Second
	// checkCache keeps many probes from becoming a load on what they ask.
	checkCache = time.Second
)

var (
	errCheckSlow    = fmt.Errorf("no answer within %s", checkLimit)
	errCheckStopped = errors.New("the probe was given up before the answer came")
	errCheckPanic   = errors.New("the check broke down, see the log")
)

// check is one condition of readiness, run at most once at a time.
type check struct {
	name string
	run  func(context.Context) error

	mu      sync.Mutex
	current *checkRun
	failing bool
}

// checkRun is one run; err and finished are valid once done is closed.
type checkRun struct {
	started, finished time.Time
	done              chan struct{}
	err               error
}

// result returns the cached result, or waits for the run under way, or starts one. A run that hangs
// beyond its limit is never started a second time: it is reported until it returns.
func (c *check) result(ctx context.Context, log *slog.Logger) error {
	r := c.latest(log)
	limit := time.NewTimer(time.Until(r.started.Add(checkLimit)))
	defer limit.Stop()
	select {
	case <-r.done:
		c.note(ctx, log, r.err)
		return r.err
	case <-ctx.Done():
		return errCheckStopped
	case <-limit.C:
		// The result may have come in the same instant.
		select {
		case <-r.done:
			c.note(ctx, log, r.err)
			return r.err
		default:
		}
		c.note(ctx, log, errCheckSlow)
		return errCheckSlow
	}
}

func (c *check) latest(log *slog.Logger) *checkRun {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.current; r != nil {
		select {
		case <-r.done:
			if time.Since(r.finished) < checkCache {
				return r
			}
		default:
			return r
		}
	}
	r := &checkRun{started: time.Now(), done: make(chan struct{})}
	c.current = r
	go c.start(r, log)
	return r
}

// start does not use the context of whoever asked first: others share the run, and must not lose it
// when that one hangs up.
func (c *check) start(r *checkRun, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), checkLimit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "readiness check panicked", "check", c.name,
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			r.err = errCheckPanic
		}
		r.finished = time.Now()
		close(r.done)
	}()
	r.err = c.run(ctx)
}

// note logs a change only, since probes come every second.
func (c *check) note(ctx context.Context, log *slog.Logger, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	failing := err != nil
	if failing == c.failing {
		return
	}
	c.failing = failing
	if failing {
		log.WarnContext(ctx, "not ready", "check", c.name, "err", err)
		return
	}
	log.InfoContext(ctx, "ready again", "check", c.name)
}
