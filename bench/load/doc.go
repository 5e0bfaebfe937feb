// Package load repeats an operation by vegeta: as fast as a number of workers can, or at a rate of its own.
package load
