package stack

import (
	"context"

	"example.com/identityd/internal/store"
)

// own makes this process the only one that serves from its files. Databases on a server have leases
// for what must not happen twice (leases.go).
func (s *Stack) own() (*store.Owned, error) {
	hydra, kratos, err := store.Resolve(storeSettings(s.cfg.Database, s.cfg.Region))
	if err != nil {
		return nil, err
	}
	return store.Own(hydra, kratos)
}

func (s *Stack) disown(ctx context.Context, owned *store.Owned) {
	if err := owned.Release(); err != nil {
		s.log.WarnContext(ctx, "giving the databases back was not clean", "err", err)
	}
}
