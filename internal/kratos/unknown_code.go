package kratos

import (
	"context"
	"errors"

	kdriver "github.com/ory/kratos/driver"
	kidentity "github.com/ory/kratos/identity"
	kx "github.com/ory/kratos/x"
	"github.com/ory/x/sqlcon"

	"example.com/identityd/internal/throttle"
)

// codeDeps is the registry for the strategy of codes.
type codeDeps struct {
	*kdriver.RegistryDefault
	engine *Engine
}

// PrivilegedIdentityPool implements kratos' identity.PrivilegedPoolProvider.
func (d codeDeps) PrivilegedIdentityPool() kidentity.PrivilegedPool {
	return codePool{d.RegistryDefault.PrivilegedIdentityPool(), d.RegistryDefault, d.engine}
}

// codePool is how Kratos finds who wants to sign in by code. It sends whom it does not find back to the form
// with an error, and so tells who has an account (docs/ory-quirks.md#q113). Here it finds somebody without an
// address and without a code: nothing is sent, the page asks for the code, and every code is wrong and
// counted. All that is Kratos' own doing (docs/adr/0047-neutral-codes.md); how long it takes pad makes equal.
type codePool struct {
	kidentity.PrivilegedPool
	r      *kdriver.RegistryDefault
	engine *Engine
}

// FindByCredentialsIdentifier implements identity.PrivilegedPool.
func (p codePool) FindByCredentialsIdentifier(
	ctx context.Context, kind kidentity.CredentialsType, typed string,
) (*kidentity.Identity, *kidentity.Credentials, error) {
	i, c, err := p.PrivilegedPool.FindByCredentialsIdentifier(ctx, kind, typed)
	if kind != kidentity.CredentialsTypeCodeAuth || !p.r.Config().SelfServiceCodeStrategy(ctx).PasswordlessEnabled {
		return i, c, err // as a second factor it is about who is signed in
	}
	switch {
	case !p.engine.countedCode(ctx, typed):
		// Kratos reads another field first than the throttle when it looks at a code.
	case err == nil && len(c.Identifiers) > 0, err != nil && !errors.Is(err, sqlcon.ErrNoRows):
		return i, c, err
	case p.r.Config().SelfServiceCodeMethodMissingCredentialFallbackEnabled(ctx):
		// Kratos looks for them by their other names next, in the same way.
		if _, other := p.FindIdentityByCredentialIdentifier(ctx, typed, false); !errors.Is(other, sqlcon.ErrNoRows) {
			return nil, nil, sqlcon.ErrNoRows
		}
	}
	return &kidentity.Identity{ID: kx.NewUUID()}, &kidentity.Credentials{
		Type: kind, Identifiers: []string{typed}, Config: []byte(`{"addresses":[]}`),
	}, nil
}

// countedCode is counted for a name in the form that Kratos gives it before it looks for a code.
func (e *Engine) countedCode(ctx context.Context, typed string) bool {
	p, ok := ctx.Value(progressKey{}).(*progress)
	return e.counted(ctx, typed) || ok && throttle.SameAccount(kx.GracefulNormalization(p.account), typed)
}
