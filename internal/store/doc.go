// Package store turns one database setting into two databases that answer: it derives their DSNs,
// creates them where it may, and waits for them.
package store
