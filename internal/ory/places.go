package ory

import (
	"context"
	"sync/atomic"
)

// places are what a request holds while it is inside, in the order in which it took them.
type places struct {
	of   []chan struct{}
	mine atomic.Bool
}

// holding puts them into the context, by a key of whom they are of.
func holding(ctx context.Context, key any, of ...chan struct{}) context.Context {
	p := &places{of: of}
	p.mine.Store(true)
	return context.WithValue(ctx, key, p)
}

// outside runs call while ctx holds none of them. They are taken again without looking at ctx, as those of a
// Serializer are: nobody in there waits for who is out here.
func outside(ctx context.Context, key any, call func()) {
	p, _ := ctx.Value(key).(*places)
	if p == nil || !p.mine.CompareAndSwap(true, false) {
		call()
		return
	}
	for i := len(p.of) - 1; i >= 0; i-- {
		<-p.of[i]
	}
	defer func() {
		for _, place := range p.of {
			place <- struct{}{}
		}
		p.mine.Store(true)
	}()
	call()
}

type (
	gateKey struct{ *Gate }
	doorKey struct{ *Ceiling }
)

// Outside runs call without a place in the gate, for a call to somebody who may take long.
func (g *Gate) Outside(ctx context.Context, call func()) { outside(ctx, gateKey{g}, call) }

// Outside runs call without a place behind the door.
func (c *Ceiling) Outside(ctx context.Context, call func()) { outside(ctx, doorKey{c}, call) }
