// Package baseline makes the schema of an engine in an empty database in one step: the tables that
// its migrations end in, the record that they ran, and the rows that they leave.
//
// The files in sql are made from the migrations by make baseline, never by hand, one for each engine
// and dialect; where there is none, the migrations run. A test of internal/stacktest migrates one
// database, makes another from the baseline and compares everything in both (docs/adr/0015-baseline.md).
// A baseline may be older than the migrations: they go on where it ends.
package baseline
