// Package certtest issues certificates for tests.
package certtest
