// Package licenses holds the licenses of everything that is linked, as the binary has to carry them.
package licenses
