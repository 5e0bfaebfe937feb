// Package run is the plan of a bench: which sides are started how, what is repeated on them in which order, and what of it becomes a result.
package run
