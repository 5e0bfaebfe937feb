package systemd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// sendIn bounds a message: a service manager that does not read must not hold the process.
const sendIn = 2 * time.Second

// Manager is a service manager that wants to be told. A nil one is told nothing.
type Manager struct {
	address  string
	watchdog time.Duration

	mu     sync.Mutex
	log    *slog.Logger
	status string // what was said last
	deaf   bool   // whether the log has it that nobody listens
}

// Take takes what a service manager put into the environment of this process, and out of it: no child is to
// speak in its name, or to take its listeners. Without one the Manager is nil and there are no sockets.
func Take() (*Manager, []Socket, error) {
	address := os.Getenv("NOTIFY_SOCKET")
	if err := os.Unsetenv("NOTIFY_SOCKET"); err != nil {
		return nil, nil, fmt.Errorf("taking NOTIFY_SOCKET out of the environment: %w", err)
	}
	watchdog, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what the service manager says of its watchdog: %w", err)
	}
	list, err := sockets()
	if err != nil || address == "" {
		return nil, list, err
	}
	// The library reads the address from the environment each time, which is why the sending is here.
	return &Manager{address: address, watchdog: watchdog, log: slog.New(slog.DiscardHandler)}, list, nil
}

// LogTo says once where it cannot be told anything.
func (m *Manager) LogTo(log *slog.Logger) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = log
}

// Watchdog is the time within which it wants a sign of life each time; 0 is never.
func (m *Manager) Watchdog() time.Duration {
	if m == nil {
		return 0
	}
	return m.watchdog
}

// Ready says that the start, or the reload, is over.
func (m *Manager) Ready(ctx context.Context, status string) {
	m.tell(ctx, status, daemon.SdNotifyReady)
}

// Status says in one line how things are, in words fit for anyone on the machine to see.
func (m *Manager) Status(ctx context.Context, status string) { m.tell(ctx, status) }

// Reloading says that the configuration is read again, until Ready. The time tells this reload from an
// earlier one (Type=notify-reload).
func (m *Manager) Reloading(ctx context.Context) {
	m.tell(ctx, "", daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec()))
}

// Stopping says that the end has begun.
func (m *Manager) Stopping(ctx context.Context, status string) {
	m.tell(ctx, status, daemon.SdNotifyStopping)
}

// Extend asks for more time, from now on, for the start or the stop that is under way.
func (m *Manager) Extend(ctx context.Context, by time.Duration) {
	m.tell(ctx, "", fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", by.Microseconds()))
}

// Alive is the sign of life.
func (m *Manager) Alive(ctx context.Context) { m.tell(ctx, "", daemon.SdNotifyWatchdog) }

// tell sends assignments as one message, with the status where that is a new one.
func (m *Manager) tell(ctx context.Context, status string, assignments ...string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if status = oneLine(status); status != "" && status != m.status {
		m.status = status
		assignments = append(assignments, "STATUS="+status)
	}
	if len(assignments) == 0 {
		return
	}
	err := send(ctx, m.address, strings.Join(assignments, "\n"))
	switch {
	case err == nil:
		m.deaf = false
	case !m.deaf:
		m.deaf = true
		m.log.WarnContext(ctx, "the service manager could not be told", "err", err)
	}
}

// send writes one datagram. The socket is not kept: a service manager that was started anew has another one
// in the same place.
func send(ctx context.Context, address, message string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendIn)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unixgram", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(sendIn)); err != nil {
		return err
	}
	_, err = c.Write([]byte(message))
	return err
}

// oneLine keeps a status from being read as more than that.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
