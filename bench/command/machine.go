package command

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"example.com/identityd/bench/report"
)

// machine says what this is measured on.
func machine(ctx context.Context) report.Machine {
	m := report.Machine{Cores: runtime.NumCPU(), CPU: runtime.GOARCH, Kernel: said(ctx, "", "uname", "-r")}
	m.Name, _ = os.Hostname()
	if v := field("/proc/cpuinfo", "model name"); v != "" {
		m.CPU = v
	}
	if kb, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.Memory = kb / 1000
	}
	return m
}

// field is the first value of a name in a file of the kernel's.
func field(file, name string) string {
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// said is the first line of what a program says, empty when it says nothing.
func said(ctx context.Context, dir, name string, args ...string) string {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}

// commit is the one that is measured, with a mark when the folder has something else in it.
func commit(ctx context.Context, root string) string {
	c := said(ctx, root, "git", "rev-parse", "--short=12", "HEAD")
	if c == "" {
		return "unknown"
	}
	if said(ctx, root, "git", "status", "--porcelain", "--untracked-files=no") != "" {
		c += "+"
	}
	return c
}
