// Package supervisor runs named actors, reports readiness, and stops the actors in order.
package supervisor
