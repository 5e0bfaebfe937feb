// Package command is the bench's command line.
package command
