package reload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	asks    chan Ask
	// refused is a value that the target of color cannot take, away one that it cannot take yet.
	refused, away    string
	tried, discarded int
	// withPort makes size tell with what port it came.
	withPort bool
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
		b.asks = make(chan Ask) // of the bubble
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
				{Words: []string{"size"}, Prepare: func(_ context.Context, c map[string]string, _ []string) (Change, error) {
					return Change{
						Apply:   func() { b.locked(func() { b.inForce["size"] = c["size"] + b.with(c) }) },
						Discard: func() { b.locked(func() { b.discarded++ }) },
					}, nil
				}},
				{Words: []string{"color"}, Prepare: func(_ context.Context, c map[string]string, _ []string) (Change, error) {
					switch c["color"] {
					case b.refused:
						return Change{}, errors.New("no such color")
					case b.away:
						b.locked(func() { b.tried++ })
						return Change{}, fmt.Errorf("the store is closed; %w", ErrLater)
					case "black":
						return Change{}, &RestartError{Reason: "nothing is black before"}
					}
					return Change{Apply: func() { b.locked(func() { b.inForce["color"] = c["color"] }) }}, nil
				}},
			},
			Merge: func(inForce, next map[string]string, words []string) map[string]string {
				out := maps.Clone(inForce)
				for _, word := range words {
					out[word] = next[word]
				}
				return out
			},
			Why:   func(string) string { return "it is set in stone" },
			Taken: func(map[string]string) {},
			Told: func(_ context.Context, r Report) {
				b.locked(func() {
					if r.Err != nil {
						b.failed++
						return
					}
					b.waiting = len(r.Waiting)
				})
			},
			Asks: b.asks,
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

func (b *bench) with(c map[string]string) string {
	if b.withPort {
		return "@" + c["port"]
	}
	return ""
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
		"nothing happens without a change":         {func(b *bench) { b.looks(5) }, state{"red", "s", "1", 0, 0}, ""},
		"what can change in place does":            {func(b *bench) { b.file["color"] = "blue"; b.looks(3) }, state{"blue", "s", "1", 0, 0}, "configuration reloaded"},
		"what cannot is named and waits":           {func(b *bench) { b.file["port"] = "2"; b.file["size"] = "m"; b.looks(3) }, state{"red", "m", "1", 0, 1}, "keys=[port]"},
		"a target may say that it cannot":          {func(b *bench) { b.file["color"] = "black"; b.looks(3) }, state{"red", "s", "1", 0, 1}, "keys=[color]"},
		"what cannot stays as it was for what can": {func(b *bench) { b.withPort = true; b.file["port"] = "2"; b.file["size"] = "m"; b.looks(3) }, state{"red", "m@1", "1", 0, 1}, "it is set in stone"},
		"the reason of a target is told":           {func(b *bench) { b.file["color"] = "black"; b.file["size"] = "m"; b.looks(3) }, state{"red", "m", "1", 0, 1}, "nothing is black before"},
		"what was ready is let go of": {func(b *bench) {
			b.refused = "pink"
			b.file["color"], b.file["size"] = "pink", "m"
			b.looks(3)
			if b.discarded != 1 {
				b.inForce["port"] = "it was not"
			}
		}, state{"red", "s", "1", 1, 0}, "no such color"},
		"what cannot be had now is tried again, and said once": {func(b *bench) {
			b.away = "gold"
			b.file["color"] = "gold"
			b.looks(3 + 3*again)
			if b.tried != 4 {
				b.inForce["port"] = fmt.Sprint(b.tried, " attempts")
			}
			b.away = ""
			b.looks(again)
		}, state{"gold", "s", "1", 1, 0}, "the store is closed"},
		"who asks is told": {func(b *bench) {
			b.file["color"], b.file["port"] = "blue", "2"
			reply := make(chan Report, 1)
			b.pass(func() { b.asks <- Ask{Reply: reply} })
			want := Report{Applied: []string{"color"}, Waiting: []Wait{{"port", "it is set in stone"}}}
			if diff := cmp.Diff(want, <-reply); diff != "" {
				b.inForce["size"] = diff
			}
		}, state{"blue", "s", "1", 0, 1}, "keys=[color]"},
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
		"a signal does not wait": {func(b *bench) { b.file["color"] = "blue"; b.pass(func() { b.asks <- Ask{Reason: "a signal asked"} }) }, state{"blue", "s", "1", 0, 0}, "a signal asked"},
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
