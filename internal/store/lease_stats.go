package store

import "sync"

// LeaseStats are the numbers of one lease as this process saw them, for metrics.
type LeaseStats struct {
	// Held says whether this process holds the lease now.
	Held bool
	// Fence is the number of the latest lease of this process; 0 when it never held one.
	Fence int64
	// Acquired, Renewals and Lost count since the start of the process.
	Acquired, Renewals, Lost uint64
}

type leaseStats struct {
	mu     sync.Mutex
	byName map[string]LeaseStats
}

// Stats returns the numbers of each lease that this process ever held, by its name.
func (l *Leases) Stats() map[string]LeaseStats {
	l.stats.mu.Lock()
	defer l.stats.mu.Unlock()
	out := make(map[string]LeaseStats, len(l.stats.byName))
	for name, s := range l.stats.byName {
		out[name] = s
	}
	return out
}

func (s *leaseStats) acquired(name string, fence int64) {
	s.change(name, func(n *LeaseStats) { n.Held, n.Fence = true, fence; n.Acquired++ })
}

func (s *leaseStats) renewed(name string) { s.change(name, func(n *LeaseStats) { n.Renewals++ }) }

func (s *leaseStats) lost(name string, fence int64) {
	s.change(name, func(n *LeaseStats) { n.Lost++; n.Held = n.Held && n.Fence != fence })
}

// released does not end what another goroutine of this process has acquired in the meantime.
func (s *leaseStats) released(name string, fence int64) {
	s.change(name, func(n *LeaseStats) { n.Held = n.Held && n.Fence != fence })
}

func (s *leaseStats) change(name string, do func(*LeaseStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName == nil {
		s.byName = map[string]LeaseStats{}
	}
	n := s.byName[name]
	do(&n)
	s.byName[name] = n
}
