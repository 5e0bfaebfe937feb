package store

import (
	"sync"
	"time"
)

// leaseSeen is the row of a lease as somebody who waits saw it. Each renewal changes it.
type leaseSeen struct {
	fence int64
	ends  string
}

// leaseWatch remembers since when the rows of leases have not changed, by the monotonic clock.
type leaseWatch struct {
	lock sync.Mutex
	rows map[string]watchedLease
	// off believes the clock of the database alone, for tests.
	off bool
}

type watchedLease struct {
	leaseSeen
	// first is after it was first read, and last before it was last asked for: in between it did not change.
	first, last time.Time
}

func (w watchedLease) unchanged(ttl time.Duration) bool { return w.last.Sub(w.first) >= ttl }

// still takes note of a row that was asked for at an instant and has been read now. It reports whether it is that
// of a dead process: the work of its holder ends earlier after the last renewal.
func (w *leaseWatch) still(name string, seen leaseSeen, asked time.Time, ttl time.Duration) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.rows == nil {
		w.rows = map[string]watchedLease{}
	}
	known, ok := w.rows[name]
	if !ok || known.leaseSeen != seen {
		known = watchedLease{leaseSeen: seen, first: time.Now()}
		known.last = known.first
	} else if asked.After(known.last) {
		known.last = asked
	}
	w.rows[name] = known
	return !w.off && known.unchanged(ttl)
}

// dead returns the row of a dead process, or one that there is not.
func (w *leaseWatch) dead(name string, ttl time.Duration) leaseSeen {
	w.lock.Lock()
	defer w.lock.Unlock()
	if known := w.rows[name]; !w.off && known.unchanged(ttl) && !known.first.IsZero() {
		return known.leaseSeen
	}
	return leaseSeen{fence: -1}
}
