// Package heap keeps the memory of this process within what its container grants, and gives back what the
// start took.
package heap
