package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run reads events from in, writes the file into a folder and prints a table. It returns 1 unless all is well.
func run(args []string, in io.Reader, out, problems io.Writer) int {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(problems)
	folder := flags.String("folder", ".", "where the result file goes")
	commit := flags.String("identityd", "unknown", "the commit that was tested")
	mode := flags.String("mode", "", "binary or url")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	result, err := read(in)
	if err != nil {
		fmt.Fprintln(problems, "report:", err)
		return 1
	}
	result.Identityd, result.Mode, result.Machine = *commit, *mode, machine()
	path, err := write(*folder, result)
	if err != nil {
		fmt.Fprintln(problems, "report:", err)
		return 1
	}
	table(out, result, path)
	if !result.Passed {
		return 1
	}
	return 0
}

func write(folder string, r Result) (string, error) {
	version := r.CockroachDB
	if version == "" {
		version = "unknown"
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the result: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("making the folder: %w", err)
	}
	path := filepath.Join(folder, "cockroachdb-"+version+".json")
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return "", fmt.Errorf("writing the result: %w", err)
	}
	return path, nil
}

func table(out io.Writer, r Result, path string) {
	fmt.Fprintf(out, "\n%s\n", r.Server)
	for _, t := range r.Tests {
		if !strings.Contains(t.Name, "/") || t.Outcome == "fail" {
			fmt.Fprintf(out, "  %-5s %7.1f s  %s\n", t.Outcome, t.Seconds, t.Name)
		}
	}
	for _, fact := range r.Facts {
		fmt.Fprintf(out, "  %s\n", fact)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(out, "  problem: %s\n", p)
	}
	verdict := "passed"
	if !r.Passed {
		verdict = "NOT passed"
	}
	fmt.Fprintf(out, "%s; the result is in %s\n", verdict, path)
}

func machine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version(), CPUs: runtime.NumCPU()}
	if raw, err := os.ReadFile("/proc/meminfo"); err == nil {
		first, _, _ := strings.Cut(string(raw), "\n")
		m.Memory = strings.TrimSpace(strings.TrimPrefix(first, "MemTotal:"))
	}
	return m
}
