package throttle

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"
)

// Entry is a count that is not forgotten, for people to see.
type Entry struct {
	Key Key
	State
}

// Failures is how many of an entry's failures still count, by the rule of its level.
func (e Entry) Failures(now time.Time, leak int64) int {
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

// List returns what this process counts.
func (l *Limiter) List(q Query) (out []Entry) {
	now := l.now()
	l.memory.each(func(text string, e *entry) {
		if k, ok := ParseKey(text); ok && q.Matches(k) && e.Debt > now {
			out = append(out, Entry{k, e.State})
		}
	})
	Sort(out)
	return out
}

// Forget sets back what this process counts, and returns how many keys that were.
func (l *Limiter) Forget(q Query) int {
	return l.memory.forget(func(text string) bool {
		k, ok := ParseKey(text)
		return ok && q.Matches(k)
	})
}

// Clear sets back what the table counts.
func Clear(ctx context.Context, rows Rows, q Query) (int, error) { return rows.Clear(ctx, q.Matches) }

// Sort puts first who has to wait longest.
func Sort(list []Entry) {
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Until, a.Until), cmp.Compare(b.Debt, a.Debt), cmp.Compare(a.Key.String(), b.Key.String()))
	})
}
