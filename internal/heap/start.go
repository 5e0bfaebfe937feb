package heap

import "runtime/debug"

const (
	// percentVariable is Go's own, as limitVariable.
	percentVariable = "GOGC"
	// starting is how far the heap may grow over what lives, in percent, while the process starts: nearly all
	// that a start allocates is garbage a moment later, and looking for it takes a sixth of the time.
	starting = 400
)

// Start lets the heap grow for a moment. What it returns has to be called once the process has started: the
// heap is as usual again, and what the start took goes back to the system, which the runtime would
// do by itself only under load.
func Start(getenv func(string) string) (started func()) {
	usual := 0
	if getenv(percentVariable) == "" {
		usual = debug.SetGCPercent(starting)
	}
	return func() {
		if usual != 0 {
			debug.SetGCPercent(usual)
		}
		debug.FreeOSMemory()
	}
}

// GiveBack returns to the system what lies idle. It takes a moment that no request has to wait for.
func GiveBack() { debug.FreeOSMemory() }
