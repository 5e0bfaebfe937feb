package kratos

import (
	"context"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/ory/kratos/continuity"
	kdriver "github.com/ory/kratos/driver"
)

// continuityDeps are those of the methods, with cookies of continuity that outlast a rotation.
//
// Kratos hands the list of secrets to a function that wants pairs of one key to sign and one to encrypt: with
// [new, old] it signs with the new one and encrypts with the old one, and reads nothing of what was written
// with [old] alone. Whoever was at a provider, or confirming a change of settings, had to begin again
// (docs/ory-quirks.md#q94). Here each secret signs by itself, which is what Kratos makes of a list of one.
type continuityDeps struct{ *kdriver.RegistryDefault }

// ContinuityManager implements kratos' continuity.ManagementProvider.
func (d continuityDeps) ContinuityManager() continuity.Manager { return continuity.NewManagerCookie(d) }

// ContinuityCookieManager implements kratos' x.CookieProvider.
func (d continuityDeps) ContinuityCookieManager(ctx context.Context) sessions.StoreExact {
	var keys [][]byte
	for _, secret := range d.Config().SecretsSession(ctx) {
		keys = append(keys, secret, nil)
	}
	store := sessions.NewCookieStore(keys...)
	store.Options.Secure = d.Config().CookieSecure(ctx)
	store.Options.HttpOnly = true
	store.Options.SameSite = http.SameSiteLaxMode
	return store
}

// lasting gives a method such cookies, in place of the registry that it is given.
func (e *Engine) lasting(d any) any {
	if r, ok := d.(*kdriver.RegistryDefault); ok && !e.cfg.BrokenContinuity {
		return continuityDeps{r}
	}
	return d
}

// ContinuityManager implements kratos' continuity.ManagementProvider.
func (d outgoing) ContinuityManager() continuity.Manager {
	if d.engine.cfg.BrokenContinuity {
		return d.RegistryDefault.ContinuityManager()
	}
	return continuityDeps{d.RegistryDefault}.ContinuityManager()
}
