// Command journey is an independent application with two browsers that proves an identity provider
// end to end, knowing nothing but its addresses.
package main
