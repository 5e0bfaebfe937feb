// Package cli parses arguments, loads the configuration, calls the stack, maps errors to exit codes
// and prints for people.
package cli
