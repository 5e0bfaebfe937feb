package throttle

import (
	"context"
	"sync"
	"time"
)

const (
	// rowsWithin bounds a statement: nobody's sign-in waits longer for the throttle.
	rowsWithin = time.Second
	// rest is how long the table is left alone after it failed.
	rest = 5 * time.Second
)

// breaker leaves a table alone that just failed, so that each attempt does not wait for it.
type breaker struct {
	lock  sync.Mutex
	until time.Time
}

// ask runs f on the table, unless it just failed. It reports whether there was an answer.
func (l *Limiter) ask(ctx context.Context, doing string, f func(ctx context.Context) error) bool {
	if l.cfg.Rows == nil {
		return false
	}
	l.breaker.lock.Lock()
	open := l.cfg.Now().Before(l.breaker.until)
	l.breaker.lock.Unlock()
	if open {
		l.stats.skipped.Add(1)
		return false
	}
	// Not the end of the request: what somebody tried counts also when they hang up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rowsWithin)
	defer cancel()
	l.stats.asked.Add(1)
	err := f(ctx)
	if err == nil {
		return true
	}
	l.stats.broken.Add(1)
	l.breaker.lock.Lock()
	l.breaker.until = l.cfg.Now().Add(rest)
	l.breaker.lock.Unlock()
	l.cfg.Log.WarnContext(ctx, "throttle goes on by what this process knows", "doing", doing, "err", err)
	return false
}

// reserve counts the attempt in the table before it is made.
func (l *Limiter) reserve(ctx context.Context, h *Hold) (until int64) {
	now := l.now()
	keys := l.afford(h.keys)
	if len(keys) == 0 {
		return 0
	}
	var got map[string]State
	ok := l.ask(ctx, "reserving", func(ctx context.Context) (err error) {
		got, err = l.cfg.Rows.Reserve(ctx, now, keys)
		return err
	})
	if !ok {
		return 0
	}
	h.states = got
	var missing []string
	for _, k := range keys {
		if _, ok := got[k.Key]; ok {
			h.reserved = append(h.reserved, k)
			l.memory.with(k.Key, func(e *entry) { e.stored = true })
		} else {
			missing = append(missing, k.Key)
		}
	}
	if len(missing) == 0 {
		return 0
	}
	// What the others of the region know: it may be over just now.
	l.ask(ctx, "asking", func(ctx context.Context) (err error) {
		got, err = l.cfg.Rows.States(ctx, missing)
		return err
	})
	until = now + l.cfg.FirstWait.Milliseconds()
	for _, key := range missing {
		if s, ok := got[key]; ok {
			until = max(until, s.Until)
			l.memory.with(key, func(e *entry) { e.State, e.stored = e.merge(s), true })
		}
	}
	l.release(ctx, h, "")
	return until
}

// write counts a failure in the table, unless it is counted there.
func (l *Limiter) write(ctx context.Context, h *Hold, now int64) (states map[string]State) {
	if len(h.reserved) > 0 {
		return h.states
	}
	keys := l.afford(h.keys)
	if len(keys) == 0 {
		return nil
	}
	ok := l.ask(ctx, "writing", func(ctx context.Context) (err error) {
		states, err = l.cfg.Rows.Add(ctx, now, keys)
		return err
	})
	if ok {
		for _, k := range keys {
			l.memory.with(k.Key, func(e *entry) { e.stored = true })
		}
	}
	return states
}

// release takes back what the table counts of the attempt, and clears a key of it.
func (l *Limiter) release(ctx context.Context, h *Hold, clear string) {
	var keys []string
	for _, k := range h.reserved {
		keys = append(keys, k.Key)
	}
	h.reserved = nil
	stored := false
	if clear != "" {
		l.memory.with(clear, func(e *entry) { stored = e.stored })
	}
	if len(keys) == 0 && (!stored || h.attempt.Kind == Client) {
		return // success at the token endpoint writes nothing
	}
	var gone []string
	l.ask(ctx, "releasing", func(ctx context.Context) (err error) {
		gone, err = l.cfg.Rows.Release(ctx, l.now(), keys, clear)
		return err
	})
	for _, key := range gone {
		l.memory.with(key, func(e *entry) { e.stored = false })
		l.budget.give()
	}
}

// afford leaves out the keys that would make more rows than this process may.
func (l *Limiter) afford(keys []Counted) (out []Counted) {
	if l.cfg.Rows == nil {
		return nil
	}
	for _, k := range keys {
		stored := false
		l.memory.with(k.Key, func(e *entry) { stored = e.stored })
		if stored || l.budget.take(l.cfg.Now()) {
			out = append(out, k)
		} else {
			l.stats.unwritten.Add(1)
		}
	}
	return out
}

// budget bounds how many rows a process makes, whatever the number of addresses that it is attacked from.
type budget struct {
	lock  sync.Mutex
	most  int
	used  float64
	asked time.Time
}

func (b *budget) take(now time.Time) bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	if !b.asked.IsZero() {
		b.used = max(b.used-float64(b.most)*now.Sub(b.asked).Hours(), 0)
	}
	b.asked = now
	if b.used+1 > float64(b.most) {
		return false
	}
	b.used++
	return true
}

// give takes note of a row that is gone again.
func (b *budget) give() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.used = max(b.used-1, 0)
}
