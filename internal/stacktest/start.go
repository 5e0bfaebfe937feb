package stacktest

import (
	"context"
	"errors"
	"log/slog"
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
	stop      func() error
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
	cfg := Configure(t, opts...)
	s := &Stack{Accepted: newCounter(), Log: &Log{}}
	log, _ := logging.New(s.Log, logging.Options{
		Level: level(t, cfg), Format: logging.FormatJSON, ContextAttrs: middleware.RequestIDAttrs,
	})
	s.run(t, cfg, log)
	return s
}

// Configure returns the configuration that Start would start.
func Configure(t testing.TB, opts ...Option) config.Config {
	t.Helper()
	dir := t.TempDir()
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
	ready, done := make(chan struct{}), make(chan error, 1)
	signals := make(chan os.Signal, 1)
	st, err := stack.New(t.Context(), cfg, stack.Options{
		Log: log, Version: "test", Signals: signals, OnReady: func() { close(ready) },
		Listen: s.Accepted.listen,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.URLs, s.addresses = st.URLs(), st.Addresses()
	// Not the test's context: that one ends before the cleanup that stops the stack.
	ctx := context.WithoutCancel(t.Context())
	go func() { done <- st.Run(ctx) }()
	s.stop = sync.OnceValue(func() error {
		signals <- os.Interrupt
		select {
		case err := <-done:
			return err
		case <-time.After(stopBound):
			return errors.New("the stack did not stop")
		}
	})
	select {
	case <-ready:
	case err := <-done:
		t.Fatalf("the stack ended while starting: %v\n%s", err, s.Log.Tail())
	case <-time.After(startBound):
		t.Fatalf("the stack was not ready in %s: %v\n%s", startBound, st.Readiness(ctx), s.Log.Tail())
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the stack: %v", err)
		}
		if t.Failed() {
			t.Logf("end of the stack's log:\n%s", s.Log.Tail())
		}
	})
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
