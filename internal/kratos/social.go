package kratos

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/strategy/oidc"
	"github.com/ory/x/sqlxx"
)

// callbackPath is where providers send browsers back to.
const callbackPath = oidc.RouteBase + "/callback"

type challengeKey struct{}

// rememberChallenge keeps the application of a sign-in through a provider.
//
// When a person comes back from the provider, Kratos goes on in another flow than the one that was begun: a
// sign-up turns into a sign-in because the account exists, or asks to prove the account that has the
// address. The new flow has no OAuth2 login challenge (docs/ory-quirks.md#q55), so that the person would end
// on our own page instead of in the application. The challenge of the flow that was begun is put into the
// context here, and from there into every flow that the answer makes, by begin.
//
// That the browser is the one that began is checked behind this, before any flow is made.
func (e *Engine) rememberChallenge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, callbackPath) {
			if challenge := e.challengeBehind(r.Context(), r.URL.Query().Get("state")); challenge != "" {
				r = r.WithContext(context.WithValue(r.Context(), challengeKey{}, challenge))
			}
		}
		next.ServeHTTP(w, r)
	})
}

// challengeBehind returns the challenge of the flow that a provider was asked for, which its state names.
// Whatever is wrong with the state, Kratos says.
func (e *Engine) challengeBehind(ctx context.Context, sealed string) string {
	if sealed == "" {
		return ""
	}
	state, err := oidc.DecryptState(ctx, e.registry.Cipher(ctx), sealed)
	if err != nil {
		return ""
	}
	id := uuid.FromBytesOrNil(state.FlowId)
	if f, err := e.registry.LoginFlowPersister().GetLoginFlow(ctx, id); err == nil {
		return string(f.OAuth2LoginChallenge)
	}
	if f, err := e.registry.RegistrationFlowPersister().GetRegistrationFlow(ctx, id); err == nil {
		return string(f.OAuth2LoginChallenge)
	}
	return ""
}

// begin runs whenever a sign-in or a sign-up begins.
type begin struct{ engine *Engine }

// ExecuteLoginPreHook implements login.PreHookExecutor.
func (begin) ExecuteLoginPreHook(_ http.ResponseWriter, r *http.Request, f *login.Flow) error {
	f.OAuth2LoginChallenge, f.RequestURL = adopt(r.Context(), f.OAuth2LoginChallenge, f.RequestURL)
	return nil
}

// ExecuteRegistrationPreHook implements registration.PreHookExecutor.
func (b begin) ExecuteRegistrationPreHook(_ http.ResponseWriter, r *http.Request, f *registration.Flow) error {
	f.OAuth2LoginChallenge, f.RequestURL = adopt(r.Context(), f.OAuth2LoginChallenge, f.RequestURL)
	return b.engine.bindInvitation(r, f)
}

// adopt returns challenge and address of a flow that goes on with another. A second factor is asked for by the
// parameters of the address, so that the challenge has to be there too; what the provider sent, which is only
// good once, does not.
func adopt(ctx context.Context, own sqlxx.NullString, address string) (sqlxx.NullString, string) {
	challenge, ok := ctx.Value(challengeKey{}).(string)
	if !ok {
		return own, address
	}
	if own == "" {
		own = sqlxx.NullString(challenge)
	}
	u, err := url.Parse(address)
	if err != nil {
		return own, address
	}
	query := u.Query()
	query.Set("login_challenge", string(own))
	query.Del("code")
	query.Del("state")
	u.RawQuery = query.Encode()
	return own, u.String()
}
