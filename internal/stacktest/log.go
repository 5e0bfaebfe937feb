package stacktest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
)

// Log collects what a stack logs.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String returns everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Tail returns what a failed test shows: the warnings and errors, and the last lines.
func (l *Log) Tail() string {
	const last = 25
	lines := strings.Split(strings.TrimRight(l.String(), "\n"), "\n")
	var out []string
	for i, line := range lines {
		if i >= len(lines)-last || strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// AccessLines returns what was logged of the requests that a part answered: hydra, kratos or ui.
func (l *Log) AccessLines(part string) []map[string]any {
	var out []map[string]any
	for line := range strings.Lines(l.String()) {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == "request" && entry["part"] == part {
			out = append(out, entry)
		}
	}
	return out
}
