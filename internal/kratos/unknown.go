package kratos

import (
	"context"
	"errors"

	"github.com/ory/kratos/hash"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/throttle"
)

// pool is how Kratos finds whose password was typed. Where it finds nobody it sleeps a random time instead
// of a hash, which the mean of a few tries tells apart, and which is switched off here
// (docs/ory-quirks.md#q78): so a hash is compared that nobody has. It takes what one of a person takes: a
// place under the ceiling, and the same time on a busy machine.
type pool struct {
	kidentity.PrivilegedPool
	engine *Engine
}

// FindByCredentialsIdentifier implements identity.PrivilegedPool.
func (p pool) FindByCredentialsIdentifier(
	ctx context.Context, kind kidentity.CredentialsType, typed string,
) (*kidentity.Identity, *kidentity.Credentials, error) {
	if !p.engine.counted(ctx, typed) {
		// Kratos read another name than the throttle: nobody is looked up who was not counted.
		return nil, nil, sqlcon.ErrNoRows
	}
	i, c, err := p.PrivilegedPool.FindByCredentialsIdentifier(ctx, kind, typed)
	if errors.Is(err, sqlcon.ErrNoRows) && !p.engine.cfg.UnevenLogins {
		hash.Compare(ctx, []byte("nobody's"), p.engine.nobodys) //nolint:errcheck // it does not fit
	}
	return i, c, err
}

// counted reports whether an attempt at an account was counted for it.
func (e *Engine) counted(ctx context.Context, typed string) bool {
	p, ok := ctx.Value(progressKey{}).(*progress)
	return !ok || !p.login || throttle.SameAccount(p.account, typed)
}
