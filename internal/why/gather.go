package why

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

const (
	// around is how far from a request what else belongs to its sign-in may be: a challenge lasts half an hour.
	around = 35 * time.Minute
	// mostHeld bounds the lines that are kept while a log is read in which the request has not come yet.
	mostHeld = 200_000
	// longestLine bounds one line of a log that is read.
	longestLine = 1 << 20
)

// Gathered is what was found of a request.
type Gathered struct {
	// Lines are those of the request and of the others of the same sign-in, in the order of time.
	Lines []Line
	// Read, Skipped and First, Last are of a log that was read: how many lines are identityd's and how many are not, and
	// when they were written.
	Read, Skipped int
	First, Last   time.Time
}

// Gather finds in lines what belongs to a request.
func Gather(lines []Line, id string) []Line {
	requests := together(lines, id)
	var out []Line
	for _, l := range lines {
		if l.Request != "" && requests[l.Request] {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int { return a.At.Compare(b.At) })
	return out
}

// together are the requests of one sign-in: those that share a step with the request, or with one that does.
func together(lines []Line, id string) map[string]bool {
	byMark, byRequest := map[string][]string{}, map[string][]string{}
	known := false
	for _, l := range lines {
		known = known || l.Request == id
		for _, m := range l.Marks() {
			byMark[m] = append(byMark[m], l.Request)
			byRequest[l.Request] = append(byRequest[l.Request], m)
		}
	}
	out := map[string]bool{}
	if !known {
		return out
	}
	out[id] = true
	for todo := []string{id}; len(todo) > 0; todo = todo[1:] {
		for _, mark := range byRequest[todo[0]] {
			for _, r := range byMark[mark] {
				if !out[r] {
					out[r] = true
					todo = append(todo, r)
				}
			}
			delete(byMark, mark)
		}
	}
	return out
}

// ReadLog reads a log of any length and keeps what may belong to the request: what is of a request and not too far from
// it in time.
func ReadLog(from io.Reader, id string) (Gathered, error) {
	var (
		out  Gathered
		held []Line
		seen time.Time
	)
	in := bufio.NewScanner(from)
	in.Buffer(make([]byte, 0, chunk), longestLine)
	for in.Scan() {
		l, ok := Parse(in.Bytes())
		if !ok {
			out.Skipped++
			continue
		}
		out.Read++
		if out.First.IsZero() || l.At.Before(out.First) {
			out.First = l.At
		}
		if l.At.After(out.Last) {
			out.Last = l.At
		}
		if l.Request == "" {
			continue
		}
		if l.Request == id && seen.IsZero() {
			seen = l.At
		}
		if !seen.IsZero() && l.At.Sub(seen) > around {
			continue
		}
		held = append(held, l)
		if len(held) > mostHeld {
			held = forget(held, l.At, seen)
		}
	}
	if err := in.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("a line is longer than %d bytes", longestLine)
		}
		return out, fmt.Errorf("reading the log: %w", err)
	}
	out.Lines = Gather(held, id)
	return out, nil
}

// forget lets go of what is too old, or else of the older half.
func forget(held []Line, now, seen time.Time) []Line {
	if seen.IsZero() {
		seen = now
	}
	n := len(held)
	held = slices.DeleteFunc(held, func(l Line) bool { return seen.Sub(l.At) > around })
	if len(held) == n {
		held = slices.Delete(held, 0, n/2)
	}
	return held
}

// Requests are the ids in lines, in order.
func Requests(lines []Line) []string {
	all := map[string]bool{}
	for _, l := range lines {
		all[l.Request] = true
	}
	return slices.Sorted(maps.Keys(all))
}
