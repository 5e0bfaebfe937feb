package stacktest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/why"
)

// How long a start and a stop may take, as bounds: the race detector makes RSA keys slow.
const (
	startBound = 3 * time.Minute
	stopBound  = time.Minute
)

// Stack is a running stack.
type Stack struct {
	URLs stack.URLs
	// Accepted counts the TCP connections that each listener accepted, by the listener's word.
	Accepted *Counter
	// Log is everything that was logged.
	Log *Log

	addresses map[string]string
	cfg       config.Config
	stack     *stack.Stack
	stop      func() error
	// ready and ended are closed; err is what Run returned, expected when a test asked for it.
	ready, ended chan struct{}
	err          error
	expected     bool
	options      stack.Options
}

// Option changes one word of the configuration, as --set does. A name that begins with IDENTITYD_ is
// an environment variable.
type Option func(map[string]string)

// Set sets one word of stack.yaml.
func Set(key, value string) Option { return func(m map[string]string) { m[key] = value } }

// Start starts a stack in the development profile on SQLite in a folder of the test, and stops it
// when the test ends. A stop that is not clean fails the test.
func Start(t testing.TB, opts ...Option) *Stack {
	t.Helper()
	s := Begin(t, opts...)
	s.AwaitReady(t)
	return s
}

// Begin is Start without waiting.
func Begin(t testing.TB, opts ...Option) *Stack {
	t.Helper()
	s, log, cfg := assemble(t, opts...)
	s.run(t, cfg, log)
	return s
}

// Configure returns the configuration that Start would start.
func Configure(t testing.TB, opts ...Option) config.Config {
	t.Helper()
	dir := t.TempDir()
	set := words(opts)
	var environ []string
	for word, value := range set {
		if strings.HasPrefix(word, "IDENTITYD_") {
			environ = append(environ, word+"="+value)
			delete(set, word)
		}
	}
	cfg, err := config.Load(config.Options{Dir: dir, Set: set, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// words are what is set, without the switches.
func words(opts []Option) map[string]string {
	set := map[string]string{
		"listen.ui":            "localhost:0",
		"listen.hydra_public":  "localhost:0",
		"listen.kratos_public": "localhost:0",
		"listen.hydra_admin":   "127.0.0.1:0",
		"listen.kratos_admin":  "127.0.0.1:0",
		"listen.ops":           "127.0.0.1:0",
		"logging.level":        "info",
	}
	for _, o := range opts {
		o(set)
	}
	takeSwitches(set)
	return set
}

func assemble(t testing.TB, opts ...Option) (*Stack, *slog.Logger, config.Config) {
	t.Helper()
	cfg := Configure(t, opts...)
	s := &Stack{Accepted: newCounter(), Log: &Log{}}
	set := map[string]string{}
	for _, o := range opts {
		o(set)
	}
	s.options.SpanPause = 20 * time.Millisecond
	for _, change := range takeSwitches(set) {
		change(&s.options)
	}
	s.options.Memory = why.NewMemory()
	log, _ := logging.New(s.Log, logging.Options{
		Level: level(t, cfg), Format: logging.FormatJSON, ContextAttrs: middleware.RequestIDAttrs, Keep: s.options.Memory,
	})
	return s, log, cfg
}

func level(t testing.TB, cfg config.Config) slog.Level {
	t.Helper()
	l, err := logging.ParseLevel(string(cfg.Logging.Level))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (s *Stack) run(t testing.TB, cfg config.Config, log *slog.Logger) {
	t.Helper()
	s.ready, s.ended = make(chan struct{}), make(chan struct{})
	signals := make(chan os.Signal, 1)
	s.options.Log, s.options.Version, s.options.Signals = log, "test", signals
	s.options.OnReady, s.options.Listen = func() { close(s.ready) }, s.Accepted.listen
	st, err := stack.New(t.Context(), cfg, s.options)
	if err != nil {
		t.Fatal(err)
	}
	s.stack, s.URLs, s.addresses, s.cfg = st, st.URLs(), st.Addresses(), cfg
	// Not the test's context: that one ends before the cleanup that stops the stack.
	ctx := context.WithoutCancel(t.Context())
	go func() {
		defer close(s.ended)
		s.err = st.Run(ctx)
	}()
	s.stop = sync.OnceValue(func() error {
		signals <- os.Interrupt
		select {
		case <-s.ended:
			return s.err
		case <-time.After(stopBound):
			return errors.New("the stack did not stop")
		}
	})
	t.Cleanup(func() {
		if err := s.Stop(); err != nil && !s.expected {
			t.Errorf("stopping the stack: %v", err)
		}
		if t.Failed() {
			t.Logf("end of the stack's log:\n%s", s.Log.Tail())
		}
	})
}

// AwaitReady returns when the stack is ready.
func (s *Stack) AwaitReady(t testing.TB) {
	t.Helper()
	if err := s.awaitReady(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, s.Log.Tail())
	}
}

func (s *Stack) awaitReady(ctx context.Context) error {
	select {
	case <-s.ready:
		return nil
	case <-s.ended:
		s.expected = true // it is told here
		return fmt.Errorf("the stack ended while starting: %w", s.err)
	case <-time.After(startBound):
		return fmt.Errorf("the stack was not ready in %s: %v", startBound, s.stack.Readiness(ctx))
	}
}

// AwaitReason returns when the reason why the stack is not ready contains the words.
func (s *Stack) AwaitReason(t testing.TB, words string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	bound := time.After(startBound)
	for {
		reason := fmt.Sprint(s.stack.Readiness(t.Context()))
		if strings.Contains(reason, words) {
			return
		}
		select {
		case <-tick.C:
		case <-s.ended:
			t.Fatalf("the stack ended: %v\n%s", s.err, s.Log.Tail())
		case <-bound:
			t.Fatalf("got %s, want %q", reason, words)
		}
	}
}

// End returns what Run returns by itself.
func (s *Stack) End(t testing.TB) error {
	t.Helper()
	select {
	case <-s.ended:
		s.expected = true
		return s.err
	case <-time.After(startBound):
		t.Fatalf("the stack did not end: %v\n%s", s.stack.Readiness(t.Context()), s.Log.Tail())
		return nil
	}
}

// Address returns host:port of a listener by its word under listen:, such as hydra_public.
func (s *Stack) Address(listener string) string { return s.addresses[listener] }

// Stop stops the stack and returns what Run returned. It may be called again.
func (s *Stack) Stop() error { return s.stop() }

// Counter counts accepted TCP connections by address.
type Counter struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounter() *Counter { return &Counter{n: map[string]int{}} }

func (c *Counter) listen(ctx context.Context, network, address string) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &counted{Listener: ln, counter: c}, nil
}

// On returns how many connections the listener on the address host:port accepted.
func (c *Counter) On(address string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[address]
}

// all returns the counts of every address.
func (c *Counter) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}

type counted struct {
	net.Listener
	counter *Counter
}

// Accept implements net.Listener.
func (l *counted) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.counter.mu.Lock()
		l.counter.n[l.Addr().String()]++
		l.counter.mu.Unlock()
	}
	return conn, err
}
