package heap

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// limitVariable is Go's own: whoever sets it knows better (runtime/debug: SetMemoryLimit).
const limitVariable = "GOMEMLIMIT"

// share of a container's memory that the heap may take, in percent. The rest is for what Go does not count:
// pages of the binary, the memory of SQLite, the kernel's buffers of sockets.
const share = 90

// container returns the smallest limit of the cgroups around this process, of either version.
type container = memlimit.Provider

// Bound makes the collector work harder before the container's limit kills the process. An operator's own
// limit stays; without a container there is none.
func Bound(ctx context.Context, log *slog.Logger, getenv func(string) string) {
	bound(ctx, log, getenv, memlimit.FromCgroup)
}

func bound(ctx context.Context, log *slog.Logger, getenv func(string) string, of container) {
	if own := getenv(limitVariable); own != "" {
		log.InfoContext(ctx, "memory limit", "source", limitVariable, "heap", debug.SetMemoryLimit(-1))
		return
	}
	limit, err := of()
	switch {
	case errors.Is(err, memlimit.ErrNoLimit), errors.Is(err, memlimit.ErrNoCgroup), errors.Is(err, memlimit.ErrCgroupsNotSupported):
		return
	case err != nil:
		log.WarnContext(ctx, "the memory limit of the container cannot be read", "err", err,
			"cure", "set "+limitVariable+" to about nine tenths of it")
		return
	}
	heap := limit / 100 * share
	if heap > math.MaxInt64 {
		return
	}
	debug.SetMemoryLimit(int64(heap))
	log.InfoContext(ctx, "memory limit", "source", "container", "container", limit, "heap", heap)
}

// Granted is the smaller of the heap's limit and the container's, 0 when there is neither.
func Granted() uint64 { return granted(memlimit.FromCgroup) }

func granted(of container) uint64 {
	var least uint64
	if limit := debug.SetMemoryLimit(-1); limit > 0 && limit < math.MaxInt64 {
		least = uint64(limit)
	}
	if limit, err := of(); err == nil && limit > 0 && (least == 0 || limit < least) {
		least = limit
	}
	return least
}
