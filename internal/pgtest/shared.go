package pgtest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// holder keeps the one server of a test binary.
type holder struct {
	mu      sync.Mutex
	tried   bool
	cluster *cluster
	err     error
}

//nolint:gochecknoglobals // a test binary has no other place that outlives its tests
var binary = &holder{}

// Shared returns the one server of this test binary and starts it at the first call. Its TestMain
// should call Main; the server ends with the process in any case.
func Shared(t testing.TB) *Server {
	t.Helper()
	if s := external(t); s != nil {
		return s
	}
	c, err := binary.get()
	if err != nil {
		missing(t, err)
	}
	return &Server{t: t, url: c.url(roleName, rolePassword), own: c, shared: true}
}

// Main runs the tests, removes the shared server and returns the exit code:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m interface{ Run() int }) int {
	code := m.Run()
	if err := binary.close(); err != nil {
		fmt.Fprintln(os.Stderr, "removing the shared PostgreSQL:", err)
		code = max(code, 1)
	}
	return code
}

func (h *holder) get() (*cluster, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.tried {
		h.tried = true
		h.cluster, h.err = newCluster()
	}
	return h.cluster, h.err
}

func (h *holder) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cluster == nil {
		return nil
	}
	return h.cluster.close()
}
