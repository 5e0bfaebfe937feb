// Package crdbtest runs the suite that needs a real CockroachDB, and starts one for it: a node by
// cockroach-go's testserver, or a cluster whose nodes can be killed.
package crdbtest
