// Package connlimit bounds how many connections a listener has, and how many of them one client: each costs a
// goroutine and memory before anything is known of who is at the other end.
package connlimit
