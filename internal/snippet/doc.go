// Package snippet writes the code with which an application signs people in, complete and with the addresses and
// the client of one installation in it, so that it runs as it is.
package snippet
