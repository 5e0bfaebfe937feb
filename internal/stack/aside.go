package stack

import (
	"context"
	"sync"
)

// aside runs what goes on beside the requests, until it is told to stop.
func (s *Stack) aside(ctx context.Context, work ...func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, f := range work {
		running.Go(func() { f(ctx) })
	}
	return func() { cancel(); running.Wait() }
}
