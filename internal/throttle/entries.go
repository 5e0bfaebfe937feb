package throttle

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Entry is a count that is not forgotten, for people to see.
type Entry struct {
	Key Key
	State
}

// Failures is how many of an entry's failures still count.
func (c Config) Failures(e Entry, now time.Time) int {
	level := c.pair(e.Key.Kind)
	switch {
	case e.Key.Scope == Account && e.Key.Kind == Mail:
		level = c.Mails
	case e.Key.Scope == Account:
		level = c.Account
	case e.Key.Scope == Address:
		level = c.Address
	}
	leak := c.rule(level).Leak
	return int((max(e.Debt-now.UnixMilli(), 0) + leak - 1) / leak)
}

// Query chooses entries. What is empty chooses all.
type Query struct {
	// Account is hashed.
	Account string
	// Address chooses also the larger prefix that it is in.
	Address netip.Prefix
}

// Matches reports whether a key is chosen.
func (q Query) Matches(k Key) bool {
	if q.Account != "" && k.Account != q.Account {
		return false
	}
	if !q.Address.IsValid() {
		return true
	}
	p, err := netip.ParsePrefix(k.Address)
	return err == nil && p.Overlaps(q.Address)
}

// Config returns what the limiter works with.
func (l *Limiter) Config() Config { return l.cfg }

// All returns what this process counts and what the table does, the worse of both for each key.
func (l *Limiter) All(ctx context.Context, q Query) (out []Entry, err error) {
	now := l.now()
	found := map[string]Entry{}
	add := func(k Key, s State) {
		if q.Matches(k) && s.Debt > now {
			text := k.String()
			found[text] = Entry{k, found[text].merge(s)}
		}
	}
	l.memory.each(func(text string, e *entry) {
		if k, ok := ParseKey(text); ok {
			add(k, e.State)
		}
	})
	if l.cfg.Rows != nil {
		rows, err := l.cfg.Rows.List(ctx, now)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			add(e.Key, e.State)
		}
	}
	out = slices.Collect(maps.Values(found))
	Sort(out)
	return out, nil
}

// Clear sets back what this process counts and what the table does, and returns how many counts that were.
func (l *Limiter) Clear(ctx context.Context, q Query) (int, error) {
	cleared := map[string]bool{}
	match := func(k Key) bool {
		if q.Matches(k) {
			cleared[k.String()] = true
			return true
		}
		return false
	}
	l.memory.forget(func(text string) bool {
		k, ok := ParseKey(text)
		return ok && match(k)
	})
	if l.cfg.Rows != nil {
		if _, err := l.cfg.Rows.Clear(ctx, match); err != nil {
			return 0, err
		}
	}
	return len(cleared), nil
}

// Clear sets back what the table counts.
func Clear(ctx context.Context, rows Rows, q Query) (int, error) { return rows.Clear(ctx, q.Matches) }

// Sort puts first who has to wait longest.
func Sort(list []Entry) {
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Until, a.Until), cmp.Compare(b.Debt, a.Debt), cmp.Compare(a.Key.String(), b.Key.String()))
	})
}
