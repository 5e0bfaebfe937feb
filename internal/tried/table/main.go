// Command table runs the tests that docs/security.md names and prints, fault by fault, what was tried
// and what happened.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	end()
	os.Exit(code)
}

// run returns 1 unless every named test exists, ran and passed, or says why it could not run here.
func run(ctx context.Context, args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	flags.SetOutput(problems)
	document := flags.String("claims", "docs/security.md", "the document whose tables name the tests")
	tags := flags.String("tags", "", "build tags")
	file := flags.String("o", "", "write the table to this file too")
	only := flags.String("section", "", "only sections whose heading contains this")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if err := report(ctx, *document, *tags, *file, *only, out, problems); err != nil {
		fmt.Fprintln(problems, "security:", err)
		return 1
	}
	return 0
}

func report(ctx context.Context, document, tags, file, only string, out, problems io.Writer) error {
	all, err := claims(document)
	if err != nil {
		return err
	}
	rows := slices.DeleteFunc(all, func(c claim) bool { return !strings.Contains(c.section, only) })
	where, err := packages(".")
	if err != nil {
		return err
	}
	var names, folders []string
	for _, c := range rows {
		for _, name := range c.tests {
			if len(where[name]) == 0 {
				return fmt.Errorf("%s names %s, and there is no such test", document, name)
			}
			names = append(names, name)
			folders = append(folders, where[name]...)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("got no test in the tables of %s, want some", document)
	}
	outcomes, err := test(ctx, distinct(names), distinct(folders), tags, problems)
	if err != nil {
		return err
	}
	for name, o := range outcomes {
		if o.Verdict == "fail" {
			fmt.Fprintf(problems, "\n%s said:\n%s", name, strings.Join(o.Said, ""))
		}
	}
	text, failed := table(rows, outcomes)
	fmt.Fprint(out, text)
	if file != "" {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("keeping the table: %w", err)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("not held: %s", strings.Join(failed, ", "))
	}
	return nil
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// test runs the named tests. That some failed is no error of this function: their outcome says so.
func test(ctx context.Context, names, folders []string, tags string, problems io.Writer) (map[string]*outcome, error) {
	args := append([]string{
		"test", "-json", "-count=1", "-timeout=60m", "-tags", tags,
		"-run", "^(" + strings.Join(names, "|") + ")$",
	}, folders...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Stderr = problems
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("running the tests: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("running the tests: %w", err)
	}
	outcomes, err := read(said, func(e event) { follow(problems, e) })
	if waited := cmd.Wait(); err == nil && ctx.Err() != nil {
		err = fmt.Errorf("running the tests: %w", waited)
	}
	return outcomes, err
}

// follow shows that something goes on.
func follow(w io.Writer, e event) {
	switch {
	case e.Action == "pass" && e.Test != "" && !strings.Contains(e.Test, "/"):
		fmt.Fprintf(w, "ok   %s (%.1f s)\n", e.Test, e.Elapsed)
	case e.Action == "fail" && e.Test != "":
		fmt.Fprintf(w, "FAIL %s (%.1f s)\n", e.Test, e.Elapsed)
	case e.Action == "build-output":
		fmt.Fprint(w, e.Output)
	}
}
