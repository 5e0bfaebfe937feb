//go:build race

package alloctest

// raced says that the race detector runs.
const raced = true
