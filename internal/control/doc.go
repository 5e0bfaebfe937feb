// Package control is the door for the command line: HTTP over a unix socket in the data folder, open to
// the user that identityd runs as and to root, without a token, also where the admin listeners are off.
package control
