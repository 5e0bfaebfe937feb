// Package netnstest runs tests of the running test program in a network namespace that has nothing but loopback.
package netnstest
