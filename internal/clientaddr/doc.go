// Package clientaddr tells whose address is at the other end of a request: that of the connection, or, where
// the connection is a trusted proxy's, the one that this proxy names.
//
// Everything that keeps, counts or logs an address asks here, and the engines are given nothing else to
// believe: the headers that they read are written anew on the way in.
package clientaddr
