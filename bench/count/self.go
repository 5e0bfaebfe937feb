package count

import (
	"fmt"
	"syscall"
	"time"
)

// Self is the CPU time of the bench itself: on two cores it is taken from the servers.
func Self() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("reading the times of the bench: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
