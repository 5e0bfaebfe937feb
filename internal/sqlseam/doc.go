// Package sqlseam puts one database driver of ours under both engines, which counts the statements
// of each request, remembers the failure that decided its answer, and repeats what met a conflict and
// was a transaction of its own.
//
// Ory's pop opens its connections through a driver name that it registers only while the name is
// still free (docs/ory-quirks.md#q18). Register takes the names first, so that no fork is needed.
package sqlseam
