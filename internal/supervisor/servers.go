package supervisor

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultReadHeader = 5 * time.Second
	defaultRead       = 15 * time.Second
	defaultWrite      = 30 * time.Second
	defaultIdle       = 60 * time.Second
	// defaultMaxHeader holds Hydra's challenges, which carry a whole encrypted flow in the URL.
	defaultMaxHeader = 32 << 10

	// maxStreams is how many requests one HTTP/2 connection may have at a time. net/http runs no more
	// handlers than that for a connection whose client resets streams as fast as it opens them, and ends it
	// (CVE-2023-44487). HTTP/2 without TLS is off, as it is by default.
	maxStreams = 100

	// wireGrace is what a quiet connection gets once its listener is closed, so that a request
	// which is already on the wire is read and answered and not reset.
	wireGrace = 100 * time.Millisecond
	// handlerGrace is what handlers get to notice that they were cut off.
	handlerGrace = time.Second
)

// Server is one http.Server over listeners that are already bound.
type Server struct {
	// Name is the listener's word in the configuration, such as public; logs and errors use it.
	Name      string
	Listeners []net.Listener
	Handler   http.Handler
	// TLS makes all Listeners speak TLS, with HTTP/2; nil means plain HTTP/1.1.
	TLS *tls.Config
	// ReadHeader defaults to 5 s, Read to 15 s, Write to 30 s, Idle to 60 s, MaxHeaderBytes to
	// 32 KiB.
	ReadHeader, Read, Write, Idle time.Duration
	MaxHeaderBytes                int
}

// ServersConfig is what all servers of one actor share.
type ServersConfig struct {
	// Log receives the life of the listeners and net/http's own complaints; nil discards.
	Log     *slog.Logger
	Servers []Server
	// Prestop is how long the servers go on accepting after readiness became 503; zero in
	// development, where nothing balances load.
	Prestop time.Duration
	// Drain is how long requests in flight may take once the listeners are closed; what is left
	// then is cut off, so zero cuts off everything.
	Drain time.Duration
	// Readiness is told about the drain; nil is allowed.
	Readiness *Readiness
	// BaseContext is the parent of every request's context; nil means the actor's context without
	// its cancellation. Requests are canceled when the drain is over, not when it begins.
	BaseContext context.Context
}

// Servers returns the one actor that serves all of cfg.Servers. They are one actor because actors
// stop one after the other, and a hung client of one server would use up the time of the others.
func Servers(cfg ServersConfig) Actor {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Readiness == nil {
		cfg.Readiness = NewReadiness("")
	}
	cfg.Readiness.LogTo(cfg.Log)
	return Actor{
		Name:  "listeners",
		Run:   func(ctx context.Context) error { return serveAll(ctx, cfg) },
		Grace: cfg.Prestop + cfg.Drain + 2*handlerGrace,
	}
}

func serveAll(ctx context.Context, cfg ServersConfig) error {
	parent := cfg.BaseContext
	if parent == nil {
		parent = context.WithoutCancel(ctx)
	}
	base, cancel := context.WithCancel(parent)
	defer cancel()

	servers := make([]*server, 0, len(cfg.Servers))
	listeners := 0
	handlers := &handlerCount{}
	for _, s := range cfg.Servers {
		servers = append(servers, newServer(base, cfg.Log, handlers, s))
		listeners += len(s.Listeners)
	}
	failed := make(chan error, listeners)
	var serving sync.WaitGroup
	for _, s := range servers {
		s.serve(base, &serving, failed)
	}

	var err error
	prestop := cfg.Prestop
	select {
	case <-ctx.Done():
	case err = <-failed:
		// What remains serves half of an application: no reason to invite more requests.
		prestop = 0
	}
	drainAll(context.WithoutCancel(ctx), cfg, servers, prestop)
	cancel()
	serving.Wait()
	handlers.await(handlerGrace)
	return err
}

// drainAll loses no request whose first byte was read: readiness first says no while connections
// are still accepted, then all servers drain at the same time.
func drainAll(ctx context.Context, cfg ServersConfig, servers []*server, prestop time.Duration) {
	started := time.Now()
	cfg.Readiness.Draining()
	cfg.Log.InfoContext(ctx, "draining listeners", "prestop", prestop.String(),
		"drain", cfg.Drain.String())
	for _, s := range servers {
		s.draining.Store(true)
	}
	if prestop > 0 {
		time.Sleep(prestop)
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Drain)
	defer cancel()
	var (
		draining sync.WaitGroup
		cut      atomic.Int64
	)
	for _, s := range servers {
		draining.Go(func() { cut.Add(int64(s.drain(ctx))) })
	}
	draining.Wait()
	if n := cut.Load(); n > 0 {
		cfg.Log.WarnContext(ctx, "connections cut off at the end of the drain time", "count", n)
	}
	cfg.Log.InfoContext(ctx, "listeners drained", "duration", time.Since(started).String())
}
