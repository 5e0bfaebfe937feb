package inbox

import (
	"slices"
	"sync"

	"example.com/identityd/internal/identity"
)

// What is kept. The sum is bounded as well, or two hundred of the largest mails would be 200 MiB of
// somebody's laptop.
const (
	maxMails = 200
	maxMail  = 1 << 20
	maxTotal = 32 << 20
)

// store is the mails, oldest first.
type store struct {
	mu    sync.RWMutex
	kept  []identity.Mail
	total int
}

func (s *store) add(m identity.Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, m)
	s.total += weight(m)
	drop := 0
	for len(s.kept)-drop > maxMails || s.total > maxTotal {
		s.total -= weight(s.kept[drop])
		drop++
	}
	// Delete clears what it frees, so that a dropped mail does not live on behind the slice.
	s.kept = slices.Delete(s.kept, 0, drop)
}

func (s *store) mails() []identity.Mail {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]identity.Mail, 0, len(s.kept))
	for _, m := range slices.Backward(s.kept) {
		out = append(out, copied(m))
	}
	return out
}

func (s *store) mail(id string) (identity.Mail, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i := slices.IndexFunc(s.kept, func(m identity.Mail) bool { return m.ID == id })
	if i < 0 {
		return identity.Mail{}, false
	}
	return copied(s.kept[i]), true
}

func (s *store) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.total = nil, 0
}

// weight is close to what a mail holds in memory; a recipient is counted because a hundred long ones
// are allowed.
func weight(m identity.Mail) int {
	sum := len(m.From) + len(m.Subject) + len(m.Text) + len(m.HTML) + len(m.Link)
	for _, to := range m.To {
		sum += len(to)
	}
	return sum
}

func copied(m identity.Mail) identity.Mail {
	m.To = slices.Clone(m.To)
	return m
}
