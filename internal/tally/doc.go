// Package tally adds up what became of flows, of sign-ins for applications and of tokens, in words of closed lists.
package tally
