package crossorigin

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// fresh is how long what is known is believed: so long may a page still call after another process took
	// its origin away.
	fresh = 10 * time.Second
	// again is how often the clients are read at most for an origin that nobody knows.
	again = time.Second
	// patience bounds a reading, and what waits for it.
	patience = time.Second
	// afterFailure is how long a database that did not answer is left alone.
	afterFailure = 5 * time.Second
	// longestOrigin is longer than any that a browser sends for a host that has a name.
	longestOrigin = 300
)

// Standing says by whom pages of an origin are let in.
type Standing int

// The standings. Trusted is an origin of a client that an operator made or verified, Registered one of a client that
// came by itself.
const (
	Stranger Standing = iota
	Registered
	Trusted
)

// Known are the origins of all clients. They are read when a page asks and what is known is old, never by a
// clock, and once for all who ask meanwhile.
type Known struct {
	load func(context.Context) (map[string]Standing, error)
	log  *slog.Logger
	now  func() time.Time

	changes atomic.Int64
	set     atomic.Pointer[set]
	mu      sync.Mutex // held while reading
	failed  time.Time
}

// set is what one reading gave. after is the number of changes of this process that it has seen.
type set struct {
	by    map[string]Standing
	at    time.Time
	after int64
}

// NewKnown returns a Known over a reading of all clients' origins, as clients have them. A reading that failed is
// logged: pages are told nothing of it.
func NewKnown(log *slog.Logger, load func(context.Context) (map[string]Standing, error)) *Known {
	return &Known{load: load, log: log, now: time.Now}
}

// Changed says that this process made, changed or removed a client.
func (k *Known) Changed() { k.changes.Add(1) }

// Standing returns that of an origin as a browser sends it.
func (k *Known) Standing(origin string) Standing {
	if len(origin) > longestOrigin || !strings.Contains(origin, "://") {
		return Stranger
	}
	s := k.set.Load()
	if k.stands(s, origin) {
		return s.of(origin)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if s = k.set.Load(); k.stands(s, origin) { // somebody else has read them meanwhile
		return s.of(origin)
	}
	if k.now().Sub(k.failed) < afterFailure {
		return s.of(origin)
	}
	// Not in the name of the request: its record of the database would say that it failed, and its end would
	// be that of the others who wait.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	after := k.changes.Load()
	by, err := k.load(ctx)
	if err != nil {
		k.failed = k.now()
		k.log.WarnContext(ctx, "the origins of clients cannot be read", "err", err)
		return s.of(origin)
	}
	s = &set{by: normal(by), at: k.now(), after: after}
	k.set.Store(s)
	return s.of(origin)
}

// stands reports whether what is known answers for an origin.
func (k *Known) stands(s *set, origin string) bool {
	if s == nil || s.after != k.changes.Load() {
		return false
	}
	age := k.now().Sub(s.at)
	return age < again || age < fresh && s.of(origin) != Stranger
}

// of finds an origin, and the pattern for all hosts that are one label below another.
func (s *set) of(origin string) Standing {
	if s == nil {
		return Stranger
	}
	found := s.by[origin]
	if scheme, host, ok := strings.Cut(origin, "://"); ok {
		if label, rest, ok := strings.Cut(host, "."); ok && label != "" {
			found = max(found, s.by[scheme+"://*."+rest])
		}
	}
	return found
}

// normal writes origins as browsers send them.
func normal(by map[string]Standing) map[string]Standing {
	out := make(map[string]Standing, len(by))
	for origin, standing := range by {
		sent := strings.TrimRight(strings.ToLower(origin), "/")
		switch {
		case strings.HasPrefix(sent, "https://"):
			sent = strings.TrimSuffix(sent, ":443")
		case strings.HasPrefix(sent, "http://"):
			sent = strings.TrimSuffix(sent, ":80")
		default:
			continue // such as a star alone, which upstream takes for everybody
		}
		out[sent] = max(out[sent], standing)
	}
	return out
}
