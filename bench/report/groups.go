package report

// The tables.
const (
	// Speed is the closed loop: how much a side can do.
	Speed = "speed"
	// Latency is the open loop: how long one waits at a rate that both sides can take.
	Latency = "latency"
	// Counts are what is counted and not timed.
	Counts = "counts"
	// Footprint is what a side needs that does nothing: starts, memory, sizes.
	Footprint = "footprint"
	// Growth is the same operation on more and more rows.
	Growth = "growth"
	// Processes is the same operation on more and more processes.
	Processes = "processes"
)
