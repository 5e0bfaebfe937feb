package count

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat; Linux says 100 a second to programs whatever it uses itself.
const tick = 10 * time.Millisecond

// CPU is how long the processes computed so far, in the program and in the kernel.
func CPU(pids ...int) (time.Duration, error) {
	var sum time.Duration
	for _, pid := range pids {
		f, err := stat(pid)
		if err != nil {
			return 0, err
		}
		sum += f.own
	}
	return sum, nil
}

// CPUWithChildren is that of a process and its children, those that ended too: PostgreSQL has one for each connection.
func CPUWithChildren(pid int) (time.Duration, error) {
	f, err := stat(pid)
	if err != nil {
		return 0, err
	}
	sum := f.own + f.ended
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, fmt.Errorf("listing processes: %w", err)
	}
	for _, name := range all {
		child, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			continue
		}
		// One that has just ended is counted at its parent from the next time on.
		if c, err := stat(child); err == nil && c.parent == pid {
			sum += c.own + c.ended
		}
	}
	return sum, nil
}

type times struct {
	parent     int
	own, ended time.Duration
}

// stat reads what proc(5) calls utime, stime, cutime and cstime. The name before them may have spaces and parentheses in it.
func stat(pid int) (times, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return times{}, fmt.Errorf("reading the times of a process: %w", err)
	}
	f := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(f) < 15 {
		return times{}, errors.New("reading the times of a process: too few fields")
	}
	n := make([]int64, 5)
	for i, at := range []int{1, 11, 12, 13, 14} {
		if n[i], err = strconv.ParseInt(f[at], 10, 64); err != nil {
			return times{}, fmt.Errorf("reading the times of a process: %w", err)
		}
	}
	return times{int(n[0]), time.Duration(n[1]+n[2]) * tick, time.Duration(n[3]+n[4]) * tick}, nil
}

// Memory is what processes have resident, in bytes.
type Memory struct{ Resident, Anonymous, Peak int }

// MemoryOf adds up the processes.
func MemoryOf(pids ...int) (Memory, error) {
	var sum Memory
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return Memory{}, fmt.Errorf("reading the memory of a process: %w", err)
		}
		for line := range strings.Lines(string(raw)) {
			name, rest, _ := strings.Cut(line, ":")
			f := strings.Fields(rest)
			if len(f) != 2 || f[1] != "kB" {
				continue
			}
			kb, err := strconv.Atoi(f[0])
			if err != nil {
				return Memory{}, fmt.Errorf("reading %s of a process: %w", name, err)
			}
			switch name {
			case "VmRSS":
				sum.Resident += kb << 10
			case "RssAnon":
				sum.Anonymous += kb << 10
			case "VmHWM":
				sum.Peak += kb << 10
			}
		}
	}
	return sum, nil
}

// ResetPeak makes what the processes have resident now their peak.
func ResetPeak(pids ...int) error {
	for _, pid := range pids {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0o600); err != nil {
			return fmt.Errorf("resetting the peak of a process: %w", err)
		}
	}
	return nil
}
