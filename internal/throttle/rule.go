package throttle

import "time"

// Level says how many failures are free, over which time they leak away.
type Level struct {
	Free   int
	Window time.Duration
}

// Rule is a level with its waits, as both counts apply it. All times are milliseconds.
type Rule struct {
	// Leak is how long one failure counts; they count one after the other.
	Leak int64
	// Over is the debt beyond which an attempt brings a wait.
	Over int64
	// First and Longest bound the wait.
	First, Longest int64
	// Ahead is how far away the end of a wait may be; 0 bounds nothing. What is further away was written by a clock
	// that was set back since.
	Ahead int64
}

// skew is how far apart the clocks of processes may be that share a table.
const skew = time.Minute

func (c Config) rule(l Level) Rule {
	leak := max(l.Window.Milliseconds()/int64(max(l.Free, 1)), 1)
	r := Rule{
		// One less than all: a failure of a moment ago has leaked a little already.
		Leak: leak, Over: leak * int64(max(l.Free-1, 0)),
		First: c.FirstWait.Milliseconds(), Longest: c.LongestWait.Milliseconds(),
	}
	if !c.AnyWait {
		r.Ahead = r.Longest + skew.Milliseconds()
	}
	return r
}

// State is what is known of a key, in milliseconds since 1970. The zero State has no failures.
type State struct {
	// Debt is when the last of its failures will have leaked away.
	Debt int64
	// Wait is what the last failure brought, and Until its end.
	Wait, Until int64
}

// blocked reports whether an attempt has to wait. After a clock was set back, one need not: if it fails, its
// wait is right again.
func (s State) blocked(now int64, r Rule) bool {
	return s.Until > now && (r.Ahead == 0 || s.Until <= now+r.Ahead)
}

// Add counts a failure.
func (s State) Add(now int64, r Rule) State {
	s.Debt = max(s.Debt, now) + r.Leak
	if s.Debt-now <= r.Over {
		return State{Debt: s.Debt}
	}
	if s.Wait == 0 {
		s.Wait = r.First
	} else {
		s.Wait = min(2*s.Wait, r.Longest)
	}
	s.Until = now + s.Wait
	return s
}

// allowance is how many attempts may be under way at once.
func (s State) allowance(now int64, r Rule) int {
	used := max(s.Debt-now, 0)
	if used > r.Over {
		return 1 // its wait is over: one may try
	}
	return int((r.Over-used)/r.Leak) + 1
}

// merge takes over what the other level knows better.
func (s State) merge(o State) State {
	return State{Debt: max(s.Debt, o.Debt), Wait: max(s.Wait, o.Wait), Until: max(s.Until, o.Until)}
}
