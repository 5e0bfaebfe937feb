package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/identityd/internal/store"
)

// Open begins to write. The tables have to be there.
func (t *Trail) Open(ctx context.Context) {
	if t.cfg.DB == nil || t.stop != nil {
		return
	}
	ctx, t.stop = context.WithCancel(context.WithoutCancel(ctx))
	t.mu.Lock()
	t.ended = make(chan struct{})
	start := entry{Event: Event{
		Kind: WriterStarted, Outcome: Done, Actor: ActorSystem,
		Details: map[string]string{"version": t.cfg.Version, "host": t.cfg.Host},
	}, at: t.cfg.Now()}
	t.queue = append([]entry{start}, t.queue...)
	t.mu.Unlock()
	signal(t.wake)
	go t.run(ctx)
}

// Close writes what waits and ends the chain of this process.
func (t *Trail) Close(ctx context.Context) error {
	if t.stop == nil {
		return nil
	}
	end := t.Write(ctx, Event{Kind: WriterStopped, Actor: ActorSystem})
	t.stop()
	<-t.ended
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.queue) + t.lost; n > 0 {
		return errors.Join(end, fmt.Errorf("%w: %d events are in the log alone", ErrUnwritten, n))
	}
	return end
}

func (t *Trail) run(ctx context.Context) {
	defer close(t.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		}
		if !t.wait(ctx, gather) {
			return
		}
		for t.waiting() {
			if err := t.flush(ctx); err != nil {
				t.failed(ctx, err)
				if !t.wait(ctx, pause) {
					return
				}
			}
		}
	}
}

// wait returns after d, or at once when somebody waits for a record. It reports false at the end.
func (t *Trail) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.urgent:
	case <-ctx.Done():
		return false
	}
	return true
}

func (t *Trail) waiting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.queue) > 0 || len(t.flooded) > 0 || t.trying != nil
}

func (t *Trail) failed(ctx context.Context, err error) {
	t.mu.Lock()
	t.stats.Failed++
	first := t.stats.Failed
	waiting := len(t.queue)
	t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	// Said at the first and then once a minute or so, or an outage would fill the log.
	if first%60 == 1 {
		t.cfg.Log.ErrorContext(ctx, "audit trail not written", "err", err, "count", waiting, "reason", store.Explain(err))
	}
}

// take removes the next batch from the queue.
func (t *Trail) take() []entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []entry
	now := t.cfg.Now()
	if t.lost > 0 {
		out = append(out, t.own(now, TrailGap, map[string]string{
			"count": fmt.Sprint(t.lost), "since": t.lostAt.UTC().Format(time.RFC3339),
		}))
		t.lost = 0
	}
	for kind, n := range t.flooded {
		out = append(out, t.own(now, kind, map[string]string{"count": fmt.Sprint(n), "more": "true"}))
		delete(t.flooded, kind)
	}
	n := min(len(t.queue), batchSize)
	out = append(out, t.queue[:n]...)
	t.queue = append([]entry(nil), t.queue[n:]...)
	return out
}

func (t *Trail) own(at time.Time, kind string, details map[string]string) entry {
	e := entry{Event: Event{Kind: kind, Outcome: Done, Actor: ActorSystem, Details: details}, at: at}
	if t.kinds[kind].Failed {
		e.Outcome = Failed
	}
	return e
}

// back puts entries back in front of the queue, those that nobody waits for.
func (t *Trail) back(entries []entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var keep []entry
	for _, n := range entries {
		if n.done == nil {
			keep = append(keep, n)
		}
	}
	if over := len(keep) + len(t.queue) - t.room; over > 0 {
		over = min(over, len(keep))
		t.lose(over)
		keep = keep[:len(keep)-over]
	}
	t.queue = append(keep, t.queue...)
}
