// Package side starts the two set-ups that the bench compares, and gives both the same people and clients.
package side
