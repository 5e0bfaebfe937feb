package throttle

import "context"

// Hold is an attempt that is under way. It has to be ended once.
type Hold struct {
	limiter *Limiter
	attempt Attempt
	keys    []Counted
	account string
	// loose holds no place in memory.
	loose bool
	// reserved are the keys that the table counts already.
	reserved []Counted
	// states are what the table said then.
	states map[string]State
}

// leave ends the attempt in memory.
func (h *Hold) leave(f func(Counted, *State)) {
	for _, k := range h.keys {
		end := func(s *State) {
			if f != nil {
				f(k, s)
			}
		}
		if h.loose {
			h.limiter.memory.with(k.Key, func(e *entry) { end(&e.State) })
			continue
		}
		h.limiter.memory.leave(k.Key, end)
	}
}

// Failed counts the attempt.
func (h *Hold) Failed(ctx context.Context) {
	l := h.limiter
	l.stats.failed(h.attempt.Kind)
	now := l.now()
	states := l.write(ctx, h, now)
	h.leave(func(k Counted, s *State) {
		*s = s.Add(now, k.Rule)
		if o, ok := states[k.Key]; ok {
			*s = s.merge(o)
		}
	})
}

// Dropped takes the attempt back: nothing was found out about it.
func (h *Hold) Dropped(ctx context.Context) {
	h.limiter.release(ctx, h, "")
	h.leave(nil)
}

// Succeeded takes the attempt back, and clears what only this address, or this browser, had against it:
// who is there knows the secret. What others failed at stays counted, or each sign-in of the owner would
// give strangers another round.
func (h *Hold) Succeeded(ctx context.Context) {
	l := h.limiter
	if h.attempt.Every {
		h.Failed(ctx)
		return
	}
	now := l.now()
	own := ""
	if len(h.keys) > 0 {
		if k, _ := ParseKey(h.keys[0].Key); k.Scope == Pair || k.Scope == Device {
			own = h.keys[0].Key
			if k.Scope == Pair {
				l.known.add(own, now+knownFor.Milliseconds())
			}
		}
	}
	l.release(ctx, h, own)
	h.leave(func(k Counted, s *State) {
		if k.Key == own {
			*s = State{}
		}
	})
}
