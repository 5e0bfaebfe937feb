// Package stack assembles listeners, store, engines and pages into one runnable value. It is the one
// composition root: the command line and the tests both call it.
package stack
