// Package ops are the operations that the bench repeats: each prepares what it needs on a side and checks every answer.
package ops
