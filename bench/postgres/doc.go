// Package postgres starts a PostgreSQL of the bench's own in a temporary folder and counts what is asked of it.
package postgres
