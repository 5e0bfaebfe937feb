// Package secrets makes the secrets of a first use, once, in a file that only its owner reads.
package secrets
