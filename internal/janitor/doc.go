// Package janitor removes rows of both engines that nobody can need again, in small batches and at a
// measured pace, and writes down what it removed.
package janitor
