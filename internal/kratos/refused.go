package kratos

import (
	"context"
	"net/http"
	"runtime"
	"sync"

	kdriver "github.com/ory/kratos/driver"
	"github.com/ory/kratos/hash"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/selfservice/strategy/code"
	"github.com/ory/kratos/selfservice/strategy/idfirst"
	"github.com/ory/kratos/selfservice/strategy/link"
	"github.com/ory/kratos/selfservice/strategy/lookup"
	"github.com/ory/kratos/selfservice/strategy/oidc"
	"github.com/ory/kratos/selfservice/strategy/passkey"
	"github.com/ory/kratos/selfservice/strategy/password"
	"github.com/ory/kratos/selfservice/strategy/profile"
	"github.com/ory/kratos/selfservice/strategy/totp"
	"github.com/ory/kratos/selfservice/strategy/webauthn"
)

// newPassword is a password that is being chosen.
//
// Kratos hashes it in a goroutine while it judges it, and hands the hash over through a channel that it only reads
// when the password is good: each refused one leaves a goroutine behind for ever
// (docs/ory-quirks.md#q57). So the hash waits here until the password was found good, and the goroutine ends when
// the request is over before.
type newPassword struct {
	good func()
	// isGood and over are closed.
	isGood, over chan struct{}
	// judged is the password that breached is about.
	judged   string
	breached bool
}

type newPasswordKey struct{}

// watchPasswords knows when a request in which a password is chosen is over.
func watchPasswords(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != registration.RouteSubmitFlow && r.URL.Path != settings.RouteSubmitFlow {
			next.ServeHTTP(w, r)
			return
		}
		p := &newPassword{isGood: make(chan struct{}), over: make(chan struct{})}
		p.good = sync.OnceFunc(func() { close(p.isGood) })
		defer close(p.over)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), newPasswordKey{}, p)))
	})
}

// strategies are Kratos' own, in its order (kratos: driver/registry_default.go, selfServiceStrategies), with
// what passwords are judged and hashed with in between, and our way out for those that call somebody.
func (e *Engine) strategies() []kdriver.NewStrategy {
	return []kdriver.NewStrategy{
		e.passwordStrategy,
		func(d any) any {
			if r, ok := d.(*kdriver.RegistryDefault); ok {
				d = outgoing{r, e}
			}
			return oidc.NewStrategy(d)
		},
		func(d any) any { return profile.NewStrategy(e.lasting(d)) },
		func(d any) any {
			if r, ok := d.(*kdriver.RegistryDefault); ok && !e.cfg.TellingCodes {
				d = codeDeps{r, e}
			}
			return newCounting(code.NewStrategy(d))
		},
		func(d any) any { return link.NewStrategy(d) },
		func(d any) any { return totp.NewStrategy(e.lasting(d)) },
		func(d any) any { return passkey.NewStrategy(e.lasting(d)) },
		func(d any) any { return webauthn.NewStrategy(e.lasting(d)) },
		func(d any) any { return lookup.NewStrategy(e.lasting(d)) },
		func(d any) any { return idfirst.NewStrategy(d) },
	}
}

type passwordDeps struct{ outgoing }

// PrivilegedIdentityPool implements kratos' identity.PrivilegedPoolProvider.
func (d passwordDeps) PrivilegedIdentityPool() kidentity.PrivilegedPool {
	return pool{d.RegistryDefault.PrivilegedIdentityPool(), d.engine}
}

// Hasher implements kratos' hash.HashProvider.
func (d passwordDeps) Hasher(ctx context.Context) hash.Hasher {
	h := d.RegistryDefault.Hasher(ctx)
	if !d.engine.cfg.OldHashes {
		h = content{h}
	}
	return patientHasher{h}
}

// PasswordValidator implements kratos' password.ValidationProvider.
func (d passwordDeps) PasswordValidator() password.Validator {
	v := d.RegistryDefault.PasswordValidator()
	if !d.engine.cfg.UpstreamPasswords {
		v = passwordRules{v, d.engine.cfg.Password, d.engine.Outside}
	}
	return releasingValidator{v}
}

type releasingValidator struct{ password.Validator }

// Validate implements kratos' password.Validator.
func (v releasingValidator) Validate(ctx context.Context, identifier, chosen string) error {
	err := v.Validator.Validate(ctx, identifier, chosen)
	if p, ok := ctx.Value(newPasswordKey{}).(*newPassword); ok && err == nil {
		p.good()
	}
	return err
}

type patientHasher struct{ hash.Hasher }

// Generate implements kratos' hash.Hasher.
func (h patientHasher) Generate(ctx context.Context, chosen []byte) ([]byte, error) {
	out, err := h.Hasher.Generate(ctx, chosen)
	if p, ok := ctx.Value(newPasswordKey{}).(*newPassword); ok {
		select {
		case <-p.isGood:
		case <-p.over:
			// Nobody reads the channel any more. Kratos closes it on the way out.
			runtime.Goexit()
		}
	}
	return out, err
}
