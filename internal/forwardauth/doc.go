// Package forwardauth answers a reverse proxy that asks whether a request may go on to an application: who is
// asking, or that nobody may.
package forwardauth
