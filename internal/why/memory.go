package why

import (
	"bytes"
	"sync"
	"time"
)

const (
	// chunk is what is allocated at a time; no line is longer than this.
	chunk = 64 << 10
	// What is of a sign-in or went wrong is kept apart, so that applications that ask all the time do not push
	// it out.
	tellingChunks, plainChunks = 48, 16
)

// Memory keeps the last lines of the log that belong to a request: 4 MiB of them at most. It is an io.Writer that takes
// a line of JSON at a time, and allocates nothing but its room.
type Memory struct {
	mu             sync.Mutex
	telling, plain ring
	began          time.Time
}

// NewMemory returns an empty Memory.
func NewMemory() *Memory {
	return &Memory{telling: ring{most: tellingChunks}, plain: ring{most: plainChunks}, began: time.Now()}
}

// Write implements io.Writer. It never fails, and keeps no line that is of no request.
func (m *Memory) Write(line []byte) (int, error) {
	if len(line) > chunk || !bytes.Contains(line, []byte(`"request_id":"`)) {
		return len(line), nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if tells(line) {
		m.telling.add(line)
	} else {
		m.plain.add(line)
	}
	return len(line), nil
}

// tells reports whether a line is more than one of a request that went as it should. It sees text where keys
// are meant, at the cost of some room.
func tells(line []byte) bool {
	return !bytes.Contains(line, []byte(`"msg":"request"`)) || bytes.Contains(line, []byte(`"`+FlowsKey+`":"`)) ||
		bytes.Contains(line, []byte(`"`+StoryKey+`":"`)) || bytes.Contains(line, []byte(`"`+CauseKey+`":"`)) || bytes.Contains(line, []byte(`"sql_failure":"`))
}

// Lines returns a copy of all that is remembered, the oldest first within its kind.
func (m *Memory) Lines() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(m.telling.lines(), m.plain.lines()...)
}

// Since returns how far back lines of either kind go: those that tell something, and plain ones.
func (m *Memory) Since() (telling, plain time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.telling.since(m.began), m.plain.since(m.began)
}

// ring keeps as many chunks of lines as it may, and forgets the oldest one for a new one.
type ring struct {
	most   int
	chunks [][]byte
	at     int
	forgot bool
}

func (r *ring) add(line []byte) {
	if len(r.chunks) == 0 {
		r.chunks = append(r.chunks, make([]byte, 0, chunk))
	}
	if len(r.chunks[r.at])+len(line) > chunk {
		if r.at++; r.at == r.most {
			r.at = 0
		}
		if r.at == len(r.chunks) {
			r.chunks = append(r.chunks, make([]byte, 0, chunk))
		} else {
			r.chunks[r.at], r.forgot = r.chunks[r.at][:0], true
		}
	}
	r.chunks[r.at] = append(r.chunks[r.at], line...)
}

func (r *ring) lines() [][]byte {
	var out [][]byte
	for i := range r.chunks {
		// The one behind the newest is the oldest.
		c := bytes.Clone(r.chunks[(r.at+1+i)%len(r.chunks)])
		for line := range bytes.Lines(c) {
			out = append(out, bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	return out
}

func (r *ring) since(began time.Time) time.Time {
	if !r.forgot {
		return began
	}
	for i := range r.chunks {
		first, _, _ := bytes.Cut(r.chunks[(r.at+1+i)%len(r.chunks)], []byte("\n"))
		if l, ok := Parse(first); ok {
			return l.At
		}
	}
	return began
}
