package stacktest

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

// Changing is a running stack whose configuration changes.
type Changing struct {
	*Stack
	door *control.Client
	dir  string

	mu  sync.Mutex
	set map[string]string
}

// StartChanging is Start for a stack that is told of changes by Change.
func StartChanging(t testing.TB, opts ...Option) *Changing {
	t.Helper()
	s, log, cfg := assemble(t, opts...)
	c := &Changing{Stack: s, dir: cfg.Dir, set: words(opts)}
	s.options.Reload = c.load
	s.run(t, cfg, log)
	s.AwaitReady(t)
	var err error
	if c.door, err = control.Dial(cfg.DataDir); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Changing) load() (config.Config, error) {
	c.mu.Lock()
	set := maps.Clone(c.set)
	c.mu.Unlock()
	var environ []string
	for word, value := range set {
		if strings.HasPrefix(word, "IDENTITYD_") {
			environ = append(environ, word+"="+value)
			delete(set, word)
		}
	}
	return config.Load(config.Options{Dir: c.dir, Set: set, Environ: environ})
}

// Change changes words, lets the stack look, and returns what it says.
func (c *Changing) Change(t testing.TB, opts ...Option) stack.ReloadStatus {
	t.Helper()
	c.mu.Lock()
	for _, o := range opts {
		o(c.set)
	}
	c.mu.Unlock()
	var out stack.ReloadStatus
	if err := c.door.Call(t.Context(), http.MethodPost, "/reload", nil, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// MustChange is Change for what has to be in force after it.
func (c *Changing) MustChange(t testing.TB, opts ...Option) {
	t.Helper()
	if got := c.Change(t, opts...); got.Error != "" || len(got.Waiting) > 0 || len(got.Applied) == 0 {
		t.Fatalf("got %+v, want the change in force", got)
	}
}
