// Package wire is an HTTP client that costs little: on two cores the client takes from the servers what it uses itself, so that a slow one makes both sides
// look more alike than they are. It reaches the listeners of a side as a proxy that ends TLS would.
package wire
