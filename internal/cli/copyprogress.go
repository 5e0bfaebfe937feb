package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/stack"
)

// copyProgress tells people how far a copy is: one line that changes on a terminal; elsewhere a line for
// each table with rows, and one every ten seconds for a table that takes longer.
type copyProgress struct {
	out      io.Writer
	terminal bool
	said     time.Duration // when the table was told of last
	dirty    bool          // the line of the terminal is not empty
}

const copyLineEvery = 10 * time.Second

func newCopyProgress(out io.Writer, terminal bool) *copyProgress {
	return &copyProgress{out: out, terminal: terminal}
}

func (p *copyProgress) show(e stack.CopyEvent) {
	text := copyLine(e)
	if p.terminal {
		fmt.Fprintf(p.out, "\r\x1b[K%s %s", bar(e.Number, e.Of), text)
		p.dirty = true
		return
	}
	switch {
	case e.Done:
		p.said = 0
		if e.Rows == 0 || (e.Phase == stack.CopyVerifies && e.Elapsed < copyLineEvery) {
			return
		}
	case e.Elapsed-p.said < copyLineEvery:
		return
	default:
		p.said = e.Elapsed
	}
	fmt.Fprintln(p.out, text)
}

// end leaves the line of a terminal.
func (p *copyProgress) end() {
	if p.dirty {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func copyLine(e stack.CopyEvent) string {
	line := fmt.Sprintf("%s %d of %d: %s.%s", e.Phase, e.Number, e.Of, e.Engine, e.Table)
	switch {
	case e.Done && e.Kept:
		return line + ", was copied before"
	case e.Done:
		line += ", " + thousands(e.Rows) + " rows"
	case e.Total > 0:
		line += fmt.Sprintf(", %s of %s rows", thousands(e.Rows), thousands(e.Total))
	}
	if seconds := e.Elapsed.Seconds(); seconds >= 1 {
		line += fmt.Sprintf(", %s rows/s", thousands(int64(float64(e.Rows)/seconds)))
	}
	return line
}

func bar(n, of int) string {
	const width = 20
	full := 0
	if of > 0 {
		full = n * width / of
	}
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
