// Package footprint measures what a side needs before anybody asks anything of it: how long it takes to start, what it has in memory, how large its files are.
package footprint
