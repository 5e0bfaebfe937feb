// Package stacktest starts a real stack for a test: every listener on a port of its own, a real
// database, the whole start and the whole stop.
package stacktest
