package systemd

import (
	"fmt"
	"net"
)

// Socket is a listener that the service manager bound.
type Socket struct {
	// Name is that of the unit file: FileDescriptorName=.
	Name string
	// Listener accepts what comes in. Closing it leaves the socket to the service manager, and with it whoever
	// waits there to be accepted.
	net.Listener
}

// NoListenerError is something that came in the place of a listener.
type NoListenerError struct {
	Name string
	Err  error
}

// Error implements error.
func (e *NoListenerError) Error() string {
	return fmt.Sprintf("the socket that the service manager passed as %q accepts no connections (%v); its unit needs ListenStream= and Accept=no",
		e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *NoListenerError) Unwrap() error { return e.Err }
