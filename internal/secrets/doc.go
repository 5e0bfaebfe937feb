// Package secrets keeps the file of secrets: it makes one, once, that only its owner reads, and rotates what is in it.
package secrets
