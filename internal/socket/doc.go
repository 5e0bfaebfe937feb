// Package socket binds unix sockets that nobody else can take over, and connects to them: the mode holds
// from the first moment, a socket that a dead process left is replaced, a living one never is, and on
// Linux both ends can ask the kernel who is at the other.
package socket
