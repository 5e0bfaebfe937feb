// Package browsertest has no code of its own: its tests take a real browser through a real stack, as
// a person and an application would.
package browsertest
