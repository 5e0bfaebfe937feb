// Package kratos presents Ory Kratos as two handlers, a courier loop, a migration, a health check and
// a client.
//
// It embeds Kratos at the level of its registry (docs/adr/0001-embed-at-registry-level.md):
// listeners, signals, logs and shutdown are ours.
package kratos
