package ory

import "sync"

// metrics is held while an engine makes its metrics; go-grpc-prometheus keeps a process-wide object that is
// changed then, without a lock.
var metrics sync.Mutex //nolint:gochecknoglobals // mirrors the process-wide object

// MakeMetrics lets one engine of the process at a time make its metrics (docs/ory-quirks.md#q45).
func MakeMetrics(f func()) {
	metrics.Lock()
	defer metrics.Unlock()
	f()
}
