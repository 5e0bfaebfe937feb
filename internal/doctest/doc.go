// Package doctest reads the fenced blocks of the documents, for the tests that run them (docs/adr/0080-documents-are-run.md).
package doctest
