package why

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// Line is one line of the log of identityd.
type Line struct {
	At             time.Time
	Level, Message string
	// Request is the id of the request that it belongs to, empty for none.
	Request string
	// Attrs are the rest.
	Attrs map[string]any
}

// Text returns an attribute that is a text.
func (l Line) Text(key string) string {
	s, _ := l.Attrs[key].(string)
	return s
}

// Number returns an attribute that is a number.
func (l Line) Number(key string) float64 {
	n, _ := l.Attrs[key].(float64)
	return n
}

// Marks are those of the steps that the request of the line came from and led to.
// Where it was traced, the sign-in has a name of its own.
func (l Line) Marks() []string { return strings.Fields(l.Text(FlowsKey) + " " + l.Text(StoryKey)) }

// mostNested bounds how often a line may be wrapped by those who collected it.
const mostNested = 3

// Parse reads a line as identityd wrote it, or as those kept it who collected it: behind a prefix, as docker
// compose prints it, or in a field of another object, as Docker's files and journald have it.
func Parse(raw []byte) (Line, bool) { return parse(raw, mostNested) }

func parse(raw []byte, nested int) (Line, bool) {
	begin := bytes.IndexByte(raw, '{')
	if begin < 0 || nested == 0 {
		return Line{}, false
	}
	var m map[string]any
	if json.Unmarshal(raw[begin:], &m) != nil {
		return Line{}, false
	}
	l := Line{Attrs: m, Level: pop(m, "level"), Message: pop(m, "msg"), Request: pop(m, "request_id")}
	at, err := time.Parse(time.RFC3339Nano, pop(m, "time"))
	if err != nil || l.Message == "" {
		for _, key := range []string{"log", "MESSAGE", "message"} {
			if inner, ok := m[key].(string); ok {
				return parse([]byte(inner), nested-1)
			}
		}
		return Line{}, false
	}
	l.At = at
	return l, true
}

func pop(m map[string]any, key string) string {
	s, _ := m[key].(string)
	delete(m, key)
	return s
}
