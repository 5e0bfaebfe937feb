package breach

import (
	"context"
	"sync"
	"time"
)

// Checker judges new passwords. The list is always asked; the service only where there is one, and a service
// that does not answer leaves the list's word standing.
type Checker struct {
	// Online is nil where nothing may be asked.
	Online *Ranges
	// Failed is told of each lookup that failed: how many since it was told the last time that say is true,
	// which it is at most once in Pause. Nil tells nobody.
	Failed func(ctx context.Context, err error, say bool, since int)

	mu     sync.Mutex
	silent int
	said   time.Time
}

// pause is how long failures are only counted after one was told.
const pause = 10 * time.Minute

// Breached reports whether a password is known to attackers.
func (c *Checker) Breached(ctx context.Context, password string) bool {
	if Listed(password) {
		return true
	}
	if c.Online == nil {
		return false
	}
	known, err := c.Online.Has(ctx, password)
	if err != nil && ctx.Err() == nil && c.Failed != nil {
		say, since := c.tell(time.Now())
		c.Failed(ctx, err, say, since)
	}
	return known
}

func (c *Checker) tell(now time.Time) (say bool, since int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent++
	if !c.said.IsZero() && now.Sub(c.said) < pause {
		return false, 0
	}
	since, c.silent, c.said = c.silent, 0, now
	return true, since
}
