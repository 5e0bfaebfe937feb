// Package plainpage is the page that people see when no other can be shown: while the process starts,
// while the database is away, and when a handler failed.
//
// It is one answer that needs nothing else: no stylesheet, no picture, no database, no script.
package plainpage
