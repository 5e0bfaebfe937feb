package peoplefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// list reads the objects of a list that is somewhere in a JSON document, one at a time.
type list struct {
	d      *json.Decoder
	keys   []string
	inside bool
	ended  bool
	n      int
	one    func(raw []byte) (*Person, error)
	what   string
}

// newList reads the list at one of the keys of the outermost object, or of each object of an outermost list.
func newList(r io.Reader, what string, keys []string, one func([]byte) (*Person, error)) *list {
	return &list{d: json.NewDecoder(withoutMark(r)), keys: keys, one: one, what: what}
}

// Next implements Source.
func (l *list) Next() (*Person, error) {
	for {
		if !l.inside {
			if err := l.enter(); err != nil {
				return nil, err
			}
		}
		if !l.d.More() {
			if _, err := l.d.Token(); err != nil {
				return nil, fmt.Errorf("reading %s: %w", l.what, err)
			}
			l.inside = false
			continue
		}
		var raw json.RawMessage
		if err := l.d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("reading %s after %d people: %w", l.what, l.n, err)
		}
		l.n++
		p, err := l.one(raw)
		if errors.Is(err, errSkip) {
			continue
		}
		if err == nil {
			p.Line = l.n
			err = p.finish()
		}
		if err != nil {
			return nil, at(l.n, err)
		}
		return p, nil
	}
}

// errSkip is of what is nobody.
var errSkip = errors.New("nobody")

// enter goes on to the next list of people, past everything else.
func (l *list) enter() error {
	for {
		token, err := l.d.Token()
		if errors.Is(err, io.EOF) {
			if !l.ended {
				return fmt.Errorf("it is not %s: there is no list %q in it", l.what, l.keys[0])
			}
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", l.what, err)
		}
		key, ok := token.(string)
		if !ok {
			continue // a brace around or between
		}
		if contains(l.keys, key) {
			if token, err := l.d.Token(); err != nil || token != json.Delim('[') {
				return fmt.Errorf("it is not %s: %q is no list", l.what, key)
			}
			l.inside, l.ended = true, true
			return nil
		}
		var skipped json.RawMessage
		if err := l.d.Decode(&skipped); err != nil {
			return fmt.Errorf("reading %s: %w", l.what, err)
		}
	}
}
