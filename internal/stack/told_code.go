package stack

import (
	"context"
	"net/http"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/why"
)

func newCodes() *why.Codes {
	codes := why.NewCodes()
	return &codes
}

// codeOf returns the code of the request that ctx is in, if it is answered with this status: what the page shows, the
// header has, and the log says.
func codeOf(ctx context.Context, status int) string {
	v, ok := ctx.Value(partKey{}).(*visit)
	if !ok {
		return ""
	}
	return v.code(status)
}

// code decides it once for a status: what a page has shown stays, unless the page itself was replaced.
func (v *visit) code(status int) string {
	t := &v.told
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.code != "" && t.decided == status {
		return t.code
	}
	if t.code, t.decided = "", status; v.codes == nil || status < http.StatusBadRequest && len(t.causes) == 0 || probes(v.path) {
		return ""
	}
	step := why.Step{Method: v.method, Path: v.path, Status: status, Part: string(v.part), Client: t.client, Causes: t.causes, Reason: t.reason}
	if v.record != nil {
		if err := v.record.Failure(); err != nil {
			step.SQLFailure = err.Error()
		}
	}
	t.code = v.codes.Of(&step)
	return t.code
}

// probes reports whether an answer is for a machine that asks all the time, and means what its status says.
func probes(path string) bool {
	return strings.HasSuffix(path, "/health/ready") || strings.HasSuffix(path, "/health/alive")
}

// panicked counts a fault of the program, and tells of it.
func (s *Stack) panicked(ctx context.Context) {
	s.metrics.panics.Inc()
	told(ctx, identity.Told{Cause: why.Panicked})
}

// preflightRefused gives the line of a preflight its code. Its answer is 204 whatever it says, and nobody reads it.
func preflightRefused(ctx context.Context) {
	told(ctx, identity.Told{Cause: why.Preflight})
	if v, ok := ctx.Value(partKey{}).(*visit); ok {
		v.code(v.status)
	}
}
