package why

import (
	"crypto/sha256"
	"encoding/hex"
)

// The keys of access lines that are for this package: the marks of the steps that a request came from and led
// to, and the words for what went wrong.
const (
	FlowsKey = "flows"
	CauseKey = "cause"
	// StoryKey and TraceKey are there where tracing is on: the sign-in, and the trace of the request.
	StoryKey = "story"
	TraceKey = "trace_id"
)

// The words that parts of identityd use, beside the codes of the engines behind a prefix.
const (
	OAuth      = "oauth:"
	Kratos     = "kratos:"
	Page       = "page:"
	BusyHashes = "busy:hashes"
	Throttled  = "throttled"
)

// shortestStep is below the length of a challenge and of the id of a flow, and far above a code that people type.
const shortestStep = 32

// Mark turns a challenge, the id of a flow or the signature of a code into what may be logged: the same for the same
// step in every process, and of no use to go on with it. What is short enough to be guessed has none.
func Mark(step string) string {
	if len(step) < shortestStep {
		return ""
	}
	sum := sha256.Sum256([]byte("identityd why " + step))
	return hex.EncodeToString(sum[:6])
}
