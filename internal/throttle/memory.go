package throttle

import (
	"hash/maphash"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// shards keep requests of different people from waiting for each other's lock.
const shards = 64

// memory is the first level. What nobody asked for lately makes room, so that a million addresses cost no
// more than the first of them.
type memory struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	lock    sync.Mutex
	entries *simplelru.LRU[string, *entry]
}

// entry is a count, and the attempts that are under way.
type entry struct {
	State
	inside int
	// waiting are those that wait for one of these to end.
	waiting int
	// stored says that the table has a row of it.
	stored bool
	// ended is closed when one of those that are under way ends.
	ended chan struct{}
}

// newMemory holds about size keys.
func newMemory(size int) *memory {
	m := &memory{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].entries, _ = simplelru.NewLRU[string, *entry](max(size/shards, 1), nil)
	}
	return m
}

func (m *memory) of(key string) *shard {
	return &m.shards[maphash.String(m.seed, key)%shards]
}

// with runs f on the entry of a key, which is made when there is none.
func (m *memory) with(key string, f func(*entry)) {
	s := m.of(key)
	s.lock.Lock()
	defer s.lock.Unlock()
	e, ok := s.entries.Get(key)
	if !ok {
		e = &entry{}
		s.entries.Add(key, e)
	}
	f(e)
}

// enter reserves an attempt. Otherwise it says until when to wait, or which channel is closed when
// another attempt has ended and there may be room; of these most may wait at once.
func (m *memory) enter(key string, r Rule, now int64, most int) (ok bool, until int64, ended <-chan struct{}) {
	m.with(key, func(e *entry) {
		switch {
		case e.blocked(now, r):
			until = e.Until
		case e.inside >= e.allowance(now, r) && e.waiting >= most:
			until = now + r.First
		case e.inside >= e.allowance(now, r):
			e.waiting++
			if e.ended == nil {
				e.ended = make(chan struct{})
			}
			ended = e.ended
		default:
			e.inside++
			ok = true
		}
	})
	return ok, until, ended
}

// leave ends an attempt; f makes of the count what came of it.
func (m *memory) leave(key string, f func(*State)) {
	m.with(key, func(e *entry) {
		e.inside = max(e.inside-1, 0) // less than none when the entry had to make room meanwhile
		if f != nil {
			f(&e.State)
		}
		if e.ended != nil {
			close(e.ended)
			e.ended, e.waiting = nil, 0
		}
	})
}

// each shows every key.
func (m *memory) each(f func(key string, e *entry)) {
	for i := range m.shards {
		s := &m.shards[i]
		s.lock.Lock()
		for _, key := range s.entries.Keys() {
			if e, ok := s.entries.Peek(key); ok {
				f(key, e)
			}
		}
		s.lock.Unlock()
	}
}

// forget sets the counts back that f recognizes. Attempts that are under way stay so.
func (m *memory) forget(f func(key string) bool) {
	m.each(func(key string, e *entry) {
		if e.State != (State{}) && f(key) {
			e.State = State{}
		}
	})
}

// known remembers which accounts were proved from which addresses.
type known struct {
	seed   maphash.Seed
	shards [shards]struct {
		lock  sync.Mutex
		until *simplelru.LRU[string, int64]
	}
}

func newKnown(size int) *known {
	k := &known{seed: maphash.MakeSeed()}
	for i := range k.shards {
		k.shards[i].until, _ = simplelru.NewLRU[string, int64](max(size/shards, 1), nil)
	}
	return k
}

func (k *known) has(key string, now int64) bool {
	s := &k.shards[maphash.String(k.seed, key)%shards]
	s.lock.Lock()
	defer s.lock.Unlock()
	until, ok := s.until.Get(key)
	return ok && until > now
}

func (k *known) add(key string, until int64) {
	s := &k.shards[maphash.String(k.seed, key)%shards]
	s.lock.Lock()
	defer s.lock.Unlock()
	s.until.Add(key, until)
}
