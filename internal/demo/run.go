package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Run serves the demo until ctx ends. It returns an error when the provider cannot be used, the port
// is taken, or the arguments make no sense (ErrArguments).
func Run(ctx context.Context, cfg Config) error {
	cfg, err := cfg.complete()
	if err != nil {
		return err
	}
	// The port first: a demo that cannot be served should not leave a client behind.
	listeners, at, err := bind(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	a, err := open(ctx, cfg, at)
	if err != nil {
		return err
	}
	fmt.Fprintf(cfg.Out, "\nThe demo application is ready.\n\n  open      %s\n  provider  %s\n  client    %s\n\nCtrl-C stops it.\n\n",
		at, cfg.Issuer, a.client.id)
	return serve(ctx, cfg.Log, a.handler(), listeners)
}

// drainTime is enough for what is on its way; nothing here is worth waiting longer for.
const drainTime = 2 * time.Second

func serve(ctx context.Context, log *slog.Logger, h http.Handler, listeners []net.Listener) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		// A page may wait for several requests to the provider, each with its own limit.
		WriteTimeout:   4 * requestTime,
		IdleTimeout:    60 * time.Second,
		MaxHeaderBytes: 32 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { ended <- server.Serve(l) }()
	}
	select {
	case err := <-ended:
		// One listener broke: that error counts, not what closing the other one says.
		_ = server.Close()
		return fmt.Errorf("serving the demo: %w", err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(draining); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stopping the demo: %w", err)
	}
	return nil
}
