package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"example.com/identityd/internal/stack"
)

// progressBar shows the progress of migrations on a terminal, below what is logged.
type progressBar struct {
	line *statusLine
	tick *time.Ticker
	end  chan struct{}
}

// newBar draws on a terminal; close has to be called.
func newBar(w io.Writer) *progressBar {
	b := &progressBar{line: &statusLine{w: w}, tick: time.NewTicker(time.Second), end: make(chan struct{})}
	go func() {
		for {
			select {
			case <-b.tick.C:
				b.line.redraw() // a statement may take minutes
			case <-b.end:
				return
			}
		}
	}()
	return b
}

// Write puts a line of the log above the bar.
func (b *progressBar) Write(p []byte) (int, error) { return b.line.above(p) }

func (b *progressBar) show(p stack.Progress) {
	began := time.Now().Add(-p.Elapsed)
	b.line.set(func() string {
		p.Elapsed = time.Since(began)
		return barText(p)
	}, p.Done == p.Total)
}

func (b *progressBar) close() {
	b.tick.Stop()
	close(b.end)
	b.line.clear()
}

// barText is one line, short enough for 80 columns unless a migration has a very long name.
func barText(p stack.Progress) string {
	const width = 24
	full := width
	if p.Total > 0 {
		full = width * p.Done / p.Total
	}
	name := p.Name
	if _, words, ok := strings.Cut(name, "_"); ok {
		name = words // the number says little to people
	}
	if most := 28; len(name) > most {
		name = name[:most-1] + "…"
	}
	return fmt.Sprintf("[%s%s] %d of %d  %s %s  %s", strings.Repeat("#", full), strings.Repeat(".", width-full),
		p.Done, p.Total, p.Engine, name, p.Elapsed.Round(100*time.Millisecond))
}

// statusLine is the last line of a terminal, kept below everything else that is written.
type statusLine struct {
	mu   sync.Mutex
	w    io.Writer
	text func() string
}

const clearLine = "\r\x1b[K"

// set draws another text; a last one stays as a line of its own.
func (s *statusLine) set(text func() string, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	fmt.Fprint(s.w, clearLine, text())
	if last {
		fmt.Fprintln(s.w)
		s.text = nil
	}
}

func (s *statusLine) redraw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text != nil {
		fmt.Fprint(s.w, clearLine, s.text())
	}
}

func (s *statusLine) above(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == nil {
		return s.w.Write(p)
	}
	fmt.Fprint(s.w, clearLine)
	n, err := s.w.Write(p)
	fmt.Fprint(s.w, s.text())
	return n, err
}

func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text != nil {
		fmt.Fprint(s.w, clearLine)
		s.text = nil
	}
}
