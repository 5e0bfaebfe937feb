// Package hydra presents Ory Hydra as two handlers, a migration, a health check and a client.
//
// It embeds Hydra at the level of its registry (docs/adr/0001-embed-at-registry-level.md): listeners,
// signals, logs and shutdown are ours.
package hydra
