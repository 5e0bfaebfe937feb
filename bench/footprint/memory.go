package footprint

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/bench/side"
)

// memory of a process, in bytes: all that is resident, what of it belongs to no file, and the most there ever was.
type memory struct{ resident, anonymous, peak float64 }

// idle waits and reads the memory of every process, and what they took of the processors while nobody asked anything.
func (c Config) idle(ctx context.Context, r *side.Running) error {
	before, err := r.Spent()
	if err != nil {
		return err
	}
	select {
	case <-time.After(c.Idle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := r.Spent()
	if err != nil {
		return err
	}
	var sum memory
	for name, pid := range r.PIDs {
		m, err := memoryOf(pid)
		if err != nil {
			return fmt.Errorf("reading the memory of %s: %w", name, err)
		}
		sum.resident, sum.anonymous, sum.peak = sum.resident+m.resident, sum.anonymous+m.anonymous, sum.peak+m.peak
		if len(r.PIDs) > 1 {
			c.Put(Value{Row: "idle_" + name, Kind: "rss", Title: "resident when idle, " + name + " alone", Unit: "MB", Side: r.Side, Value: m.resident / 1e6})
		}
	}
	for _, v := range []Value{
		{Row: "idle", Kind: "rss", Title: "resident when idle, all processes", Unit: "MB", Value: sum.resident / 1e6},
		{Row: "idle", Kind: "anonymous", Title: "of it anonymous", Unit: "MB", Value: sum.anonymous / 1e6},
		{Row: "idle", Kind: "peak", Title: "most since the start", Unit: "MB", Value: sum.peak / 1e6},
		{Row: "idle", Kind: "cpu", Title: "CPU in a minute of idleness", Unit: "ms", Value: float64((after - before).Milliseconds()) * 60 / c.Idle.Seconds()},
	} {
		v.Side = r.Side
		c.Put(v)
	}
	return nil
}

func memoryOf(pid int) (memory, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	for name, into := range map[string]*float64{"VmRSS": &m.resident, "RssAnon": &m.anonymous, "VmHWM": &m.peak} {
		_, rest, found := strings.Cut(string(raw), "\n"+name+":")
		line, _, _ := strings.Cut(rest, "\n")
		kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(line), " kB"))
		if !found || err != nil {
			return memory{}, fmt.Errorf("got no %s", name)
		}
		*into = float64(kb) * 1024
	}
	return m, nil
}
