// Package systemd is what a process says to the service manager that started it, and takes from it: when it
// is ready, what it waits for, that it lives, and listeners that were bound before it began.
package systemd
