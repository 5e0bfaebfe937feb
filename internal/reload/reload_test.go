package reload

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bench is a configuration of words, in a file that is a map.
type bench struct {
	// mu is held by the test but while it lets time pass.
	mu      sync.Mutex
	file    map[string]string // nil: it is not there
	broken  error
	inForce map[string]string
	failed  int
	waiting int
	log     bytes.Buffer
	hangups chan struct{}
	// refused is a value that the target of color cannot take.
	refused string
}

func (b *bench) digest([]string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, k := range []string{"color", "port", "size"} {
		out = append(out, b.file[k])
	}
	if b.file == nil {
		return "missing"
	}
	return strings.Join(out, "|")
}

// start runs a Reloader in a bubble of its own, whose time moves when nothing else does.
func start(t *testing.T, change func(b *bench)) *bench {
	t.Helper()
	b := &bench{file: map[string]string{"color": "red", "port": "1", "size": "s"}}
	b.inForce = maps.Clone(b.file)
	synctest.Test(t, func(t *testing.T) {
		b.hangups = make(chan struct{}) // of the bubble
		r := New(maps.Clone(b.file), Config[map[string]string]{
			Log: slog.New(slog.NewTextHandler(&b.log, nil)),
			Load: func() (map[string]string, error) {
				b.mu.Lock()
				defer b.mu.Unlock()
				if b.broken != nil || b.file == nil {
					return nil, errors.Join(b.broken, errors.New("it cannot be read"))
				}
				return maps.Clone(b.file), nil
			},
			Fingerprints: func(c map[string]string) map[string]string { return maps.Clone(c) },
			Files:        func(map[string]string) []string { return nil },
			Digest:       b.digest,
			Targets: []Target[map[string]string]{
				{Words: []string{"size"}, Prepare: func(c map[string]string) (func(), error) {
					return func() { b.locked(func() { b.inForce["size"] = c["size"] }) }, nil
				}},
				{Words: []string{"color"}, Prepare: func(c map[string]string) (func(), error) {
					switch c["color"] {
					case b.refused:
						return nil, errors.New("no such color")
					case "black":
						return nil, ErrRestart
					}
					return func() { b.locked(func() { b.inForce["color"] = c["color"] }) }, nil
				}},
			},
			Failed:  func() { b.locked(func() { b.failed++ }) },
			Waiting: func(n int) { b.locked(func() { b.waiting = n }) },
			Hangups: b.hangups,
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); _ = r.Run(ctx) }()
		b.locked(func() { change(b) })
		cancel()
		<-ended
	})
	return b
}

func (b *bench) locked(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
}

// pass lets others go on until they wait.
func (b *bench) pass(begin func()) {
	b.mu.Unlock()
	defer b.mu.Lock()
	begin()
	synctest.Wait()
}

// looks lets a number of intervals pass.
func (b *bench) looks(n int) {
	b.pass(func() { time.Sleep(time.Duration(n)*interval + time.Millisecond) })
}

func TestAChangedFile(t *testing.T) {
	type state struct {
		Color, Size, Port string
		Failed, Waiting   int
	}
	for name, c := range map[string]struct {
		change func(b *bench)
		want   state
		said   string
	}{
		"nothing happens without a change":                 {func(b *bench) { b.looks(5) }, state{"red", "s", "1", 0, 0}, ""},
		"what can change in place does":                    {func(b *bench) { b.file["color"] = "blue"; b.looks(3) }, state{"blue", "s", "1", 0, 0}, "configuration reloaded"},
		"what cannot is named and waits":                   {func(b *bench) { b.file["port"] = "2"; b.file["size"] = "m"; b.looks(3) }, state{"red", "m", "1", 0, 1}, "keys=[port]"},
		"a target may say that it cannot":                  {func(b *bench) { b.file["color"] = "black"; b.looks(3) }, state{"red", "s", "1", 0, 1}, "keys=[color]"},
		"taken back before the restart, nothing waits":     {func(b *bench) { b.file["port"] = "2"; b.looks(3); b.file["port"] = "1"; b.looks(3) }, state{"red", "s", "1", 0, 0}, "configuration reloaded"},
		"a broken file leaves everything, counted once":    {func(b *bench) { b.broken = errors.New("line 3"); b.file["color"] = "?"; b.looks(9) }, state{"red", "s", "1", 1, 0}, "line 3"},
		"a missing file leaves everything":                 {func(b *bench) { b.file = nil; b.looks(9) }, state{"red", "s", "1", 1, 0}, "the old one stays in force"},
		"one target that cannot leaves the others as well": {func(b *bench) { b.refused = "pink"; b.file["color"] = "pink"; b.file["size"] = "m"; b.looks(3) }, state{"red", "s", "1", 1, 0}, "no such color"},
		"the next good file counts": {func(b *bench) {
			b.broken = errors.New("line 3")
			b.file["color"] = "?"
			b.looks(3)
			b.broken = nil
			b.file["color"] = "blue"
			b.looks(3)
		}, state{"blue", "s", "1", 1, 0}, "configuration reloaded"},
		"the old file again after a broken one is no change": {func(b *bench) {
			b.broken = errors.New("line 3")
			b.file["color"] = "?"
			b.looks(3)
			b.broken = nil
			b.file["color"] = "red"
			b.looks(3)
		}, state{"red", "s", "1", 1, 0}, ""},
		"a file that is being written is left until it is still": {func(b *bench) {
			for _, color := range []string{"b", "bl", "blu", "blue"} {
				b.file["color"] = color
				b.looks(1)
				if b.inForce["color"] != "red" {
					b.inForce["size"] = "half of it was read"
				}
			}
			b.looks(2)
		}, state{"blue", "s", "1", 0, 0}, "configuration reloaded"},
		"a signal does not wait": {func(b *bench) { b.file["color"] = "blue"; b.pass(func() { b.hangups <- struct{}{} }) }, state{"blue", "s", "1", 0, 0}, "a signal asked"},
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, c.change)
			got := state{b.inForce["color"], b.inForce["size"], b.inForce["port"], b.failed, b.waiting}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(b.log.String(), c.said) {
				t.Errorf("got %q, want %q in it", &b.log, c.said)
			}
		})
	}
}
