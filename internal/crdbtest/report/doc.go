// Command report turns the output of go test -json of the CockroachDB suite into one result file.
package main
