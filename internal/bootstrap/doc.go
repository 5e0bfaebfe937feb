// Package bootstrap makes the two databases of an installation with their users, so that the one that serves may
// read and write rows and nothing else, and the one that migrates owns the tables.
package bootstrap
