package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/control"
)

const (
	// managerTick is how often the service manager hears of a change while the process starts, and
	// managerLook how often the databases are asked for its sake once it serves.
	managerTick, managerLook = time.Second, 10 * time.Second
	// managerPatience is what is asked for at a time while something is waited for that has a bound of its own.
	managerPatience = time.Minute
	// managerEnd is for what comes after the drain: the queues, the engines and the databases are closed.
	managerEnd = 30 * time.Second
)

// starting says what the start is at, waiting what it waits for. That is bounded by database.wait_timeout or not
// at all, and by no patience of a service manager.
func (s *Stack) starting(reason string) {
	s.patient.Store(false)
	s.readiness.Starting(reason)
}

func (s *Stack) waiting(reason string) {
	s.patient.Store(true)
	s.readiness.Starting(reason)
}

// tellManager tells the service manager where the process stands, until it is to stop.
func (s *Stack) tellManager(ctx context.Context) error {
	m, booted := s.opts.Manager, s.booted
	tick := time.NewTicker(managerTick)
	defer tick.Stop()
	var looked, extended time.Time
	for {
		if booted != nil && s.patient.Load() && time.Since(extended) > managerPatience/4 {
			m.Extend(ctx, managerPatience)
			extended = time.Now()
		}
		if booted != nil || time.Since(looked) >= managerLook {
			m.Status(ctx, s.stands(ctx))
			looked = time.Now()
		}
		select {
		case <-ctx.Done():
			end := s.cfg.Shutdown.Prestop + s.cfg.Shutdown.Drain
			m.Stopping(ctx, fmt.Sprintf("stopping; requests have up to %s to be answered", end))
			m.Extend(ctx, end+managerEnd)
			return nil
		case <-booted:
			booted = nil
			m.Ready(ctx, s.stands(ctx))
		case <-tick.C:
		}
	}
}

// stands is a line for whoever asks the service manager.
func (s *Stack) stands(ctx context.Context) string {
	missing := s.readiness.Status(ctx)
	if reason, ok := missing["startup"]; ok {
		return "starting: " + reason
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		said = append(said, strings.ReplaceAll(name, "_", " ")+": "+missing[name])
	}
	line := "serving " + s.urls.UI
	if len(said) > 0 {
		line = "not ready: " + strings.Join(said, "; ")
	}
	switch r := s.reloaded.Load(); {
	case r == nil:
	case r.Error != "":
		line += "; a changed configuration cannot be used (identityd reload says why)"
	case len(r.Waiting) > 0:
		line += fmt.Sprintf("; %d changed words of the configuration wait for a restart", len(r.Waiting))
	}
	return line
}

// watchdog gives signs of life for as long as there is life: until the last of the others has stopped.
func (s *Stack) watchdog(ctx context.Context) error {
	// Twice within the time, as systemd asks for it.
	every := s.opts.Manager.Watchdog() / 2
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.lives(ctx, every); err == nil {
			s.opts.Manager.Alive(ctx)
		} else if ctx.Err() == nil {
			s.log.ErrorContext(ctx, "no sign of life for the watchdog", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// lives asks this process whether it is alive the way others do: over a socket, through the server and all that
// stands in front of it. Only silence is no life: a process that is out of descriptors, whose control socket is
// gone, or that drains, is not helped by being killed.
func (s *Stack) lives(ctx context.Context, within time.Duration) error {
	asking, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answered := make(chan error, 1)
	go func() {
		c, err := control.Dial(s.cfg.DataDir)
		if err == nil {
			err = c.Call(asking, http.MethodGet, "/health/alive", nil, nil)
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("asking itself whether it is alive: %w", err)
		}
		return nil
	case <-asking.Done():
		return fmt.Errorf("asking itself whether it is alive: %w", context.Cause(asking))
	}
}

// handed are the listeners of the file that the service manager bound.
func handed(list []*listener) []string {
	out := []string{}
	for _, l := range list {
		if l.handed {
			out = append(out, l.name)
		}
	}
	return out
}

// warnOpenSockets is about public sockets that were handed over: whoever can connect may be believed like a proxy.
func (s *Stack) warnOpenSockets(ctx context.Context, list []*listener) {
	for _, l := range list {
		if mode, ok := l.socketMode(); ok && mode&0o007 != 0 {
			s.log.WarnContext(ctx, "anybody on this machine may connect to a socket", "listener", l.name, "mode", fmt.Sprintf("%04o", mode),
				"cure", "write SocketMode=0660 and SocketGroup= with the group of your proxy into its unit")
		}
	}
}
