package stack

import (
	"sync"
	"sync/atomic"
)

// inside counts who is inside, and lets nobody in once it is closing. It costs a request two atomic additions.
type inside struct {
	n     atomic.Int64
	once  sync.Once
	empty chan struct{}
}

// closing is set beside the count.
const closing = int64(1) << 62

func newInside() *inside { return &inside{empty: make(chan struct{})} }

// enter reports false for who is too late.
func (i *inside) enter() bool {
	if i.n.Add(1)&closing == 0 {
		return true
	}
	i.leave()
	return false
}

func (i *inside) leave() {
	if i.n.Add(-1) == closing {
		i.once.Do(func() { close(i.empty) })
	}
}

// close lets nobody in any more. What it returns is closed when the last one has left.
func (i *inside) close() <-chan struct{} {
	if i.n.Or(closing) == 0 {
		i.once.Do(func() { close(i.empty) })
	}
	return i.empty
}

// count is how many are inside.
func (i *inside) count() int64 { return i.n.Load() &^ closing }
