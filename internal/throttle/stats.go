package throttle

import (
	"sync"
	"sync/atomic"
)

type counters struct {
	lock                              sync.Mutex
	byRefused, byFailed               map[Kind]uint64
	asked, broken, skipped, unwritten atomic.Uint64
}

// Stats count since the start of the process.
type Stats struct {
	// Refused had to wait, and Failed were wrong, by kind.
	Refused, Failed map[Kind]uint64
	// Asked are the statements on the table; Broken those that failed, and Skipped those that were not made because one
	// had just failed.
	Asked, Broken, Skipped uint64
	// Unwritten are failures that only this process knows, so that the number of rows stays bounded.
	Unwritten uint64
}

func (c *counters) count(m *map[Kind]uint64, k Kind) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if *m == nil {
		*m = map[Kind]uint64{}
	}
	(*m)[k]++
}

func (c *counters) refused(k Kind) { c.count(&c.byRefused, k) }
func (c *counters) failed(k Kind)  { c.count(&c.byFailed, k) }

// Stats returns what was counted.
func (l *Limiter) Stats() Stats {
	c := &l.stats
	c.lock.Lock()
	defer c.lock.Unlock()
	s := Stats{
		Refused: map[Kind]uint64{}, Failed: map[Kind]uint64{},
		Asked: c.asked.Load(), Broken: c.broken.Load(), Skipped: c.skipped.Load(), Unwritten: c.unwritten.Load(),
	}
	for _, k := range []Kind{Login, Mail, Form, Client} {
		s.Refused[k], s.Failed[k] = c.byRefused[k], c.byFailed[k]
	}
	return s
}
