package kratos

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	kdriver "github.com/ory/kratos/driver"
	khydra "github.com/ory/kratos/hydra"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/session"
	"github.com/ory/x/httpx"

	"example.com/identityd/internal/identity"
)

// Logins accepts the login challenges of Hydra's.
type Logins interface {
	// AcceptLogin says who is signed in and returns where the browser goes next.
	AcceptLogin(ctx context.Context, challenge string, grant identity.LoginGrant) (string, error)
}

// hydra returns Kratos' client of Hydra's admin API, over Config.Hydra instead of a socket.
func (e *Engine) hydra(r kdriver.Registry) khydra.Hydra {
	return accepting{Hydra: khydra.NewDefaultHydra(linked{Registry: r, transport: e.cfg.Hydra}), engine: e}
}

// accepting accepts login challenges in our way: with the time and the level of the sign-in, which
// Kratos does not send (docs/ory-quirks.md#q63), and remembered as the person chose
// (docs/ory-quirks.md#q66).
type accepting struct {
	khydra.Hydra
	engine *Engine
}

// AcceptLoginRequest implements kratos' hydra.Hydra.
func (a accepting) AcceptLoginRequest(ctx context.Context, p khydra.AcceptLoginRequestParams) (string, error) {
	grant := identity.LoginGrant{
		Subject: p.IdentityID, SessionID: p.SessionID,
		AMR: []string{}, ACR: string(level(p.AuthenticationMethods)),
		Keep:    a.engine.keeps(ctx),
		KeepFor: int64(a.engine.cfg.Session.Lifespan / time.Second),
	}
	for _, m := range p.AuthenticationMethods {
		grant.AMR = append(grant.AMR, string(m.Method))
		if m.CompletedAt.After(grant.AuthenticatedAt) {
			grant.AuthenticatedAt = m.CompletedAt
		}
	}
	if grant.AuthenticatedAt.IsZero() {
		grant.AuthenticatedAt = time.Now().UTC()
	}
	to, err := a.engine.cfg.Logins.AcceptLogin(ctx, p.LoginChallenge, grant)
	if known := (*identity.Error)(nil); errors.As(err, &known) && known.Code == identity.Gone {
		// The person is signed in, but too late for this request of the application's.
		return a.engine.cfg.Pages.Continue, nil
	}
	return to, err
}

// level is the assurance level of a session: that of its strongest method.
func level(methods session.AuthenticationMethods) kidentity.AuthenticatorAssuranceLevel {
	best := kidentity.AuthenticatorAssuranceLevel1
	for _, m := range methods {
		best = max(best, m.AAL)
	}
	return best
}

// linked is a registry whose HTTP client goes to Hydra in process.
type linked struct {
	kdriver.Registry
	transport http.RoundTripper
}

// HTTPClient implements kratos' x.HTTPClientProvider. Nothing is retried: a call in process fails for
// a reason that trying again does not mend, and the default waits a second between tries.
func (l linked) HTTPClient(context.Context, ...httpx.ResilientOptions) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.HTTPClient = &http.Client{Transport: l.transport}
	c.Logger = nil
	c.RetryMax = 0
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return c
}
