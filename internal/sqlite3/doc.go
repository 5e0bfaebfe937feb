// Package sqlite3 is a driver of SQLite without C, under the import path of mattn's: modernc.org/sqlite
// behind as much of the surface of github.com/mattn/go-sqlite3 as Ory's pop, ory/x and
// internal/sqlseam use (docs/adr/0013-sqlite-driver.md).
//
// It is a module of its own, because only a module can take the place of another. What mattn's driver
// wrote it reads and compares as mattn's did: the tests hold a file made by v1.14.53 against it.
//
// It differs in these. Unknown parameters of a DSN are errors and not ignored. The values of several
// statements in one text are given to each of them, and not dealt out one after another. A query is
// ended by its context while it runs to its first row and while it waits for a lock, but not within a
// later row. A file name that begins with file: is a URI, any other is taken as it is, % and # included.
package sqlite3
