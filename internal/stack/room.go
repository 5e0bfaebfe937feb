package stack

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/heap"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/store"
)

const (
	// pairMemory is what a second pair of engines takes while both live (docs/operating.md, "Reload").
	pairMemory = 24 << 20
	// pingIn bounds the question whether the databases answer.
	pingIn = 5 * time.Second
)

// roomForAPair says why no second pair of engines can be made: for now, or in this process at all.
func (s *Stack) roomForAPair(ctx context.Context, c config.Config) error {
	h := s.current().shared
	switch {
	case h.turns.db == nil:
		return &reload.RestartError{Reason: "databases in memory are lost with the engines that opened them"}
	case facts(c, s.urls) != facts(s.now().cfg, s.urls):
		return &reload.RestartError{Reason: "it changes what the installation is to the outside, which a start judges"}
	case c.Inbox() && s.inbox == nil:
		return &reload.RestartError{Reason: "the development inbox starts with the process"}
	}
	granted, used := heap.Granted(), heap.Live()
	if granted > 0 && used+pairMemory > granted {
		runtime.GC() // the pair before may be in it
		used = heap.Live()
	}
	if granted > 0 && used+pairMemory > granted {
		return &reload.RestartError{Reason: fmt.Sprintf(
			"a second pair of engines takes %d MB for a moment, and of the %d MB that this process may have %d are in use",
			pairMemory>>20, granted>>20, used>>20)}
	}
	ctx, cancel := context.WithTimeout(ctx, pingIn)
	defer cancel()
	for _, name := range []string{hydraName, kratosName} {
		if err := s.ping(name)(ctx); err != nil { // engines would wait for it, deaf (docs/ory-quirks.md#q6)
			return fmt.Errorf("%s; %w", store.Explain(err), reload.ErrLater)
		}
	}
	if h.turns.dialect != store.Postgres {
		return nil
	}
	free, all, err := store.FreeConnections(ctx, h.turns.db)
	if err != nil {
		return nil //nolint:nilerr // a fork, or a right that is missing: nobody knows, and engines come with few
	}
	if need := 2 * warmConnections; free < need {
		return &reload.RestartError{Reason: fmt.Sprintf(
			"a second pair of engines takes %d connections for a moment, and of the %d of the database server %d are free", need, all, max(free, 0))}
	}
	return nil
}
