// Package reload takes a changed configuration into a running process: what can change in place does, all
// of it or nothing, what cannot is named, and a file that is broken leaves everything as it is.
package reload
