package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// server is one http.Server with its connections.
type server struct {
	name      string
	log       *slog.Logger
	http      *http.Server
	listeners []net.Listener
	conns     *connections
	draining  atomic.Bool
	handlers  *handlerCount
}

func newServer(
	base context.Context, log *slog.Logger, handlers *handlerCount, cfg Server,
) *server {
	s := &server{
		name: cfg.Name, log: log.With("listener", cfg.Name),
		conns: newConnections(wireGrace), handlers: handlers,
	}
	for _, l := range cfg.Listeners {
		s.listeners = append(s.listeners, &trackingListener{Listener: l, conns: s.conns})
	}
	s.http = &http.Server{
		Handler:           s.handler(cfg.Handler),
		TLSConfig:         cfg.TLS,
		ReadHeaderTimeout: orDefault(cfg.ReadHeader, defaultReadHeader),
		ReadTimeout:       orDefault(cfg.Read, defaultRead),
		WriteTimeout:      orDefault(cfg.Write, defaultWrite),
		IdleTimeout:       orDefault(cfg.Idle, defaultIdle),
		MaxHeaderBytes:    orDefault(cfg.MaxHeaderBytes, defaultMaxHeader),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ConnState:         s.conns.state,
		ErrorLog:          errorLog(base, s.log),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	return s
}

func orDefault[T int | time.Duration](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

// serve starts accepting on every listener. An end that nobody asked for goes to failed.
func (s *server) serve(ctx context.Context, serving *sync.WaitGroup, failed chan<- error) {
	// Asked before the first Serve, which fills TLSConfig in for HTTP/2 whether or not there is any.
	secure := s.http.TLSConfig != nil
	addresses := make([]string, 0, len(s.listeners))
	for _, l := range s.listeners {
		addresses = append(addresses, l.Addr().String())
		serving.Go(func() {
			var err error
			if secure {
				err = s.http.ServeTLS(l, "", "")
			} else {
				err = s.http.Serve(l)
			}
			if !s.draining.Load() && !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serving %s on %s: %w", s.name, l.Addr(), err)
			}
		})
	}
	s.log.InfoContext(ctx, "listening", "addresses", addresses)
}

// drain closes the listeners, waits until every connection is done with its request, and returns
// how many were not when ctx ended.
//
// http.Server.Shutdown comes last because it alone would lose requests: it closes kept connections
// whose next request is half read, and drops a request whose header is complete but whose handler
// has not begun (net/http server.go, conn.serve: shuttingDown after readRequest). Only HTTP/2 and
// connections that outlived ctx are left for it.
func (s *server) drain(ctx context.Context) int {
	for _, l := range s.listeners {
		_ = l.Close()
	}
	select {
	case <-s.conns.drain():
	case <-ctx.Done():
	}
	if err := s.http.Shutdown(ctx); err == nil {
		return 0
	}
	left := s.conns.count()
	_ = s.http.Close()
	return left
}
