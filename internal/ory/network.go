package ory

import (
	"context"
	"sync/atomic"

	"github.com/gofrs/uuid"
	"github.com/ory/x/configx"
	"github.com/ory/x/contextx"
)

// Network tells an engine which tenant it serves. The tenant's row exists only after the migrations,
// and the engines read it while they open their database; a value that is filled in later spares a
// second registry with a second connection pool (docs/ory-quirks.md#q17).
type Network struct{ id atomic.Pointer[uuid.UUID] }

var _ contextx.Contextualizer = (*Network)(nil)

// Set fills in the tenant.
func (n *Network) Set(id uuid.UUID) { n.id.Store(&id) }

// Network implements contextx.Contextualizer.
func (n *Network) Network(_ context.Context, fallback uuid.UUID) uuid.UUID {
	if id := n.id.Load(); id != nil {
		return *id
	}
	return fallback
}

// Config implements contextx.Contextualizer.
func (n *Network) Config(_ context.Context, config *configx.Provider) *configx.Provider {
	return config
}
