// Package scaling says what operations cost in a cluster of regions, from the statements that were counted and a
// matrix of latencies: docs/scaling.md is what it prints.
package scaling
