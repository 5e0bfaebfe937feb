// Package envy is as much of gobuffalo/envy as pop calls, without what that does before main: it reads ./.env over the
// environment and runs the go command (docs/ory-quirks.md#q137).
package envy

import "os"

// Load does nothing: no file changes the environment of a process.
func Load(...string) error { return nil }

// Get returns a variable of the environment, or value where it is not set.
func Get(key, value string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return value
}
