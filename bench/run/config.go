package run

import (
	"fmt"
	"time"
)

// Config says how much load is made.
type Config struct {
	// Rounds is how often everything is measured.
	Rounds int
	// Warm, Closed and Open are how long one operation takes: before the rounds, and in each of them.
	Warm, Closed, Open time.Duration
	// Workers are those of the closed loop; Hashing those of operations that hash passwords, of which each takes a core and much memory.
	Workers, Hashing int
	// Share of what the slower side can take is the rate of the open loop.
	Share float64
	// Most is how many operations of an open loop may run at once before it is late, which then counts as waiting.
	Most int
	// Batches and Each are how many operations are counted.
	Batches, Each int
	// Operations are the names of those that are measured, all when it is empty.
	Operations []string
	// Starts is how often each kind of start is measured, 0 leaves out starts, memory and sizes. Idle is how long nobody asks anything before memory is read.
	Starts int
	Idle   time.Duration
	// Processes is up to how many of each process share a database, 0 leaves it out.
	Processes int
	// Growth is up to how many people and tokens are in the databases, a power of ten from 1000 on; 0 leaves it out.
	Growth int
	// Parts are the names of what is done, everything when it is empty.
	Parts []string
	// Durable has PostgreSQL wait for the disk, as it does by itself.
	Durable bool
}

// Default takes about a quarter of an hour on two cores, with everything that is beside the rounds.
func Default() Config {
	return Config{
		Rounds: 5, Warm: time.Second, Closed: 1500 * time.Millisecond, Open: time.Second, Workers: 8, Hashing: 4, Share: 0.5, Most: 64,
		Batches: 3, Each: 20, Starts: 5, Idle: 10 * time.Second, Processes: 2, Growth: 10_000, Durable: true,
	}
}

// Quick takes about two minutes. Its rounds are too few and too short to say anything but that everything works.
func Quick() Config {
	c := Default()
	c.Rounds, c.Warm, c.Closed, c.Open, c.Batches, c.Each = 1, 200*time.Millisecond, 300*time.Millisecond, 300*time.Millisecond, 1, 4
	c.Starts, c.Idle, c.Processes, c.Growth = 1, time.Second, 2, 1000
	return c
}

// Check says what is wrong with it.
func (c Config) Check() error {
	for _, n := range []struct {
		flag  string
		value float64
	}{
		{"rounds", float64(c.Rounds)},
		{"warm", float64(c.Warm)},
		{"closed", float64(c.Closed)},
		{"open", float64(c.Open)},
		{"workers", float64(c.Workers)},
		{"hashing", float64(c.Hashing)},
		{"share", c.Share},
		{"most", float64(c.Most)},
		{"batches", float64(c.Batches)},
		{"each", float64(c.Each)},
	} {
		if n.value <= 0 {
			return fmt.Errorf("-%s: must be above 0 (got %g)", n.flag, n.value)
		}
	}
	if c.Starts < 0 || c.Processes < 0 || c.Growth < 0 || c.Idle <= 0 {
		return fmt.Errorf("-starts, -processes, -growth: must not be below 0, and -idle above it (got %d, %d, %d and %s)", c.Starts, c.Processes, c.Growth, c.Idle)
	}
	if c.Share >= 1 {
		return fmt.Errorf("-share: must be below 1, or the slower side falls behind more and more (got %g)", c.Share)
	}
	return nil
}
