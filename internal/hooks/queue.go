package hooks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// Attempts and the pauses between them: the last one is made after a day and a half.
	Attempts   = 20
	firstPause = 2 * time.Second
	lastPause  = 4 * time.Hour
	// claim is how long an attempt keeps others away; longer than each may take.
	claim = 90 * time.Second
	// poll is how often a process looks for what others left behind.
	poll = 5 * time.Second
	// tellers is how many receivers are told at once.
	tellers = 8
	batch   = 50
	// unsure is how long a message waits whose change is made in another database. Whoever dies in between leaves
	// it to be told.
	unsure = time.Minute
	// slack is how much longer than its first attempt in the request others leave a message alone.
	slack = 3 * time.Second
)

// Noted are the messages that one change made.
type Noted []Waiting

// Note writes down that something happened, in the transaction in which it does. Tell goes on once that is
// committed.
func (h *Hooks) Note(exec Exec, e Event, o Occasion) (out Noted, err error) {
	return h.note(e, o, 0, func(m Waiting) error { return h.cfg.Rows.Note(exec, m) })
}

// Expect writes down that something is about to happen in another database than that of the messages. It is told
// unless Forget says soon that it did not happen: a process that ends in between leaves it to be told.
func (h *Hooks) Expect(ctx context.Context, e Event, o Occasion) (Noted, error) {
	return h.note(e, o, unsure, func(m Waiting) error { return h.cfg.Rows.Add(ctx, m) })
}

func (h *Hooks) note(e Event, o Occasion, later time.Duration, add func(Waiting) error) (out Noted, err error) {
	now := time.Now()
	for _, hook := range h.on(e) {
		m := Waiting{ID: newID(), Hook: hook.Name, Event: e, Subject: o.Subject, Noted: now, Due: now.Add(later).Truncate(time.Millisecond)}
		if hook.Blocking {
			m.Due = m.Due.Add(hook.Timeout + slack)
		}
		if m.Body, err = hook.body(m.ID, e, now, o, false); err != nil {
			return nil, err
		}
		if err = add(m); err != nil {
			return nil, fmt.Errorf("writing down whom to tell: %w", err)
		}
		out = append(out, m)
	}
	return out, nil
}

// Forget takes back what Expect wrote down.
func (h *Hooks) Forget(ctx context.Context, noted Noted) {
	ctx = context.WithoutCancel(ctx)
	for _, m := range noted {
		h.wrote(ctx, h.cfg.Rows.Remove(ctx, m.ID))
	}
}

// Tell makes the first attempt at what a request is to wait for, and leaves the rest to Run. It is called outside of
// every lock and transaction.
func (h *Hooks) Tell(ctx context.Context, noted Noted) {
	now := time.Now()
	for _, m := range noted {
		hook := h.named(m.Hook)
		switch {
		case hook != nil && hook.Blocking:
			h.first(ctx, hook, m)
		case m.Due.After(now):
			h.wrote(ctx, h.cfg.Rows.Delay(ctx, m.ID, now, 0, ""))
		}
	}
	if len(noted) > 0 {
		h.hurry()
	}
}

// first is an attempt within a request, which does not wait behind others for it.
func (h *Hooks) first(ctx context.Context, hook *Hook, m Waiting) {
	select {
	case hook.places <- struct{}{}:
		defer func() { <-hook.places }()
		h.try(ctx, hook, m)
	default:
		h.wrote(ctx, h.cfg.Rows.Delay(ctx, m.ID, time.Now(), 0, errCrowd.Error()))
	}
}

// Run works until ctx ends. What is under way then is finished, within bounds; the rest has its row.
func (h *Hooks) Run(ctx context.Context) {
	defer h.telling.Wait()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-tick.C:
		}
		h.deliver(ctx)
	}
}

// deliver begins an attempt at every message whose time has come. Without hooks nothing is asked for.
func (h *Hooks) deliver(ctx context.Context) {
	for ctx.Err() == nil && h.Any() {
		counts, err := h.cfg.Rows.Counts(ctx)
		waiting, dead := 0, 0
		for _, c := range counts {
			waiting, dead = waiting+c.Waiting, dead+c.Dead
		}
		var due []Waiting
		if err == nil && waiting > 0 {
			due, err = h.cfg.Rows.Due(ctx, time.Now(), batch)
		}
		if err != nil {
			h.cfg.Log.DebugContext(ctx, "waiting messages of hooks cannot be read", "err", err)
			return
		}
		h.count(func(s *Stats) { s.Waiting, s.Dead = waiting, dead })
		if !h.begin(ctx, due) {
			return
		}
	}
}

// begin tells receiver by receiver, and does not wait: one that is slow delays nobody but itself. It reports
// whether there was one that is not being told already, and room to tell it.
func (h *Hooks) begin(ctx context.Context, due []Waiting) bool {
	byHook := map[string][]Waiting{}
	for _, m := range due {
		byHook[m.Hook] = append(byHook[m.Hook], m)
	}
	began := false
	for name, messages := range byHook {
		h.mu.Lock()
		free := !h.busy[name] && len(h.busy) < tellers
		if free {
			h.busy[name] = true
		}
		h.mu.Unlock()
		if !free {
			continue
		}
		began = true
		h.telling.Go(func() {
			h.tell(ctx, name, messages)
			h.mu.Lock()
			delete(h.busy, name)
			h.mu.Unlock()
			h.hurry()
		})
	}
	return began
}

func (h *Hooks) tell(ctx context.Context, name string, messages []Waiting) {
	hook := h.named(name)
	for _, m := range messages {
		if ctx.Err() != nil {
			return
		}
		if hook != nil && h.try(ctx, hook, m) {
			continue
		}
		if hook == nil && !h.stranger(ctx, m) {
			continue
		}
		// The next would wait for the same.
		now := time.Now()
		h.wrote(ctx, h.cfg.Rows.PutOff(ctx, name, now, now.Add(pause(m.Attempts))))
		return
	}
}

// stranger puts off a message for a hook that is not in the configuration: another process may have a newer one.
func (h *Hooks) stranger(ctx context.Context, m Waiting) bool {
	mine, err := h.cfg.Rows.Claim(ctx, m, time.Now().Add(claim))
	if err != nil || !mine {
		h.wrote(ctx, err)
		return false
	}
	h.failed(ctx, m, errors.New("stack.yaml has no hook of this name"))
	return true
}

// try makes one attempt, and reports false when the receiver could not be reached. An attempt that began is
// finished even when the process ends.
func (h *Hooks) try(ctx context.Context, hook *Hook, m Waiting) (reached bool) {
	ctx = context.WithoutCancel(ctx)
	mine, err := h.cfg.Rows.Claim(ctx, m, time.Now().Add(claim))
	if err != nil {
		h.wrote(ctx, err) // nothing was sent; the next round tries again
		return true
	}
	if !mine {
		return true
	}
	status, _, err := h.call(ctx, hook, m.ID, m.Body)
	if err == nil && !good(status) {
		err = &StatusError{status}
	}
	if err == nil {
		h.count(func(s *Stats) { s.Sent++ })
		h.cfg.Log.DebugContext(ctx, "hook told", "hook", m.Hook, "event", string(m.Event), "attempts", m.Attempts+1)
		h.wrote(ctx, h.cfg.Rows.Remove(ctx, m.ID))
		return true
	}
	h.failed(ctx, m, err)
	var answered *StatusError
	return errors.As(err, &answered)
}

func (h *Hooks) failed(ctx context.Context, m Waiting, err error) {
	h.count(func(s *Stats) { s.Failed++ })
	reason, tries := short(err.Error()), m.Attempts+1
	var answered *StatusError
	gone := errors.As(err, &answered) && answered.Status == http.StatusGone
	if tries >= Attempts || gone {
		h.count(func(s *Stats) { s.GivenUp++ })
		h.cfg.Log.ErrorContext(ctx, "hook could not be told, giving up", "hook", m.Hook, "event", string(m.Event), "message", m.ID,
			"attempts", tries, "err", reason, "cure", "identityd hooks list --dead")
		h.wrote(ctx, h.cfg.Rows.GiveUp(ctx, m.ID, time.Now(), tries, reason))
		return
	}
	h.cfg.Log.WarnContext(ctx, "hook could not be told, trying again", "hook", m.Hook, "event", string(m.Event), "message", m.ID,
		"attempts", tries, "err", reason)
	h.wrote(ctx, h.cfg.Rows.Delay(ctx, m.ID, time.Now().Add(pause(m.Attempts)), tries, reason))
}

// wrote says when the outcome of an attempt could not be written down: it is made again then.
func (h *Hooks) wrote(ctx context.Context, err error) {
	if err != nil {
		h.cfg.Log.WarnContext(ctx, "attempt at a hook's message not written down", "err", err)
	}
}

// pause is how long to wait after a failed attempt. Half of it is random, so that those who failed
// together do not come back together.
func pause(attempt int) time.Duration {
	limit := min(time.Duration(math.Exp2(float64(attempt)))*firstPause, lastPause)
	return limit/2 + rand.N(limit/2)
}

// Counts returns how many messages there are, by hook.
func (h *Hooks) Counts(ctx context.Context) ([]Count, error) { return h.cfg.Rows.Counts(ctx) }

// List returns messages for people.
func (h *Hooks) List(ctx context.Context, q Query) ([]Waiting, error) { return h.cfg.Rows.List(ctx, q) }

// Again makes messages due now, as if they were new.
func (h *Hooks) Again(ctx context.Context, q Query) (int, error) {
	n, err := h.cfg.Rows.Again(ctx, q, time.Now())
	h.hurry()
	return n, err
}

// Drop deletes messages that nobody is to be told any longer.
func (h *Hooks) Drop(ctx context.Context, q Query) (int, error) { return h.cfg.Rows.Drop(ctx, q) }
