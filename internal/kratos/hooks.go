package kratos

import (
	"encoding/json"
	"net/http"

	kdriver "github.com/ory/kratos/driver"
	kconfig "github.com/ory/kratos/driver/config"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/schema"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/session"
	"github.com/ory/kratos/ui/node"
	"github.com/pkg/errors"
)

// hookName is the name of all hooks of ours. Kratos takes hooks of its embedder, but its settings know the
// names of its own alone, and this one, which only Ory's hosted product has (docs/ory-quirks.md#q53).
const hookName = "b2b_sso"

// What a hook of ours does, in its configuration.
const (
	hookBegin    = "begin"
	hookInvited  = "invited"
	hookSignedUp = "signed_up"
	hookSignedIn = "signed_in"
	hookCalls    = "calls"
)

func ourHook(does string) map[string]any {
	return map[string]any{"hook": hookName, "config": map[string]any{"does": does}}
}

func callsHook(method string) map[string]any {
	return map[string]any{"hook": hookName, "config": map[string]any{"does": hookCalls, "method": method}}
}

// hooks returns the maker of our hooks. It has to be known to the registry before Init.
func (e *Engine) hooks(r *kdriver.RegistryDefault) map[string]func(kconfig.SelfServiceHook) any {
	return map[string]func(kconfig.SelfServiceHook) any{
		hookName: func(h kconfig.SelfServiceHook) any {
			var c struct {
				Does   string `json:"does"`
				Method string `json:"method"`
			}
			if err := json.Unmarshal(h.Config, &c); err != nil {
				return nil
			}
			switch c.Does {
			case hookBegin:
				return begin{e}
			case hookInvited:
				return bringsInvitation{e}
			case hookSignedUp:
				return &afterSignUp{engine: e, r: r}
			case hookSignedIn:
				return afterSignIn{}
			case hookCalls:
				return calls{e, c.Method}
			}
			return nil
		},
	}
}

// afterSignUp runs where an address has to be verified before anybody is let in.
type afterSignUp struct {
	engine *Engine
	r      *kdriver.RegistryDefault
}

// ExecutePostRegistrationPrePersistHook answers a sign-up with an address that has an account already as if
// it had none.
func (h *afterSignUp) ExecutePostRegistrationPrePersistHook(
	w http.ResponseWriter, r *http.Request, f *registration.Flow, i *kidentity.Identity,
) error {
	// It makes the addresses of the traits, and refuses what Kratos would refuse right after this hook.
	if err := h.r.IdentityValidator().Validate(r.Context(), i); err != nil {
		return err
	}
	known, err := h.engine.known(r.Context(), i)
	if err != nil || known == nil {
		return err
	}
	return h.engine.answerAsNew(w, r, f, i, known)
}

// ExecutePostRegistrationPostPersistHook gives a session to whose address was proved on the way, by the
// code of a sign-up without password or by a provider that vouches for it, and shows everybody else the
// page that asks for the code. Kratos has a hook for each, and none that chooses.
func (h *afterSignUp) ExecutePostRegistrationPostPersistHook(
	w http.ResponseWriter, r *http.Request, f *registration.Flow, s *session.Session,
) error {
	ended(r.Context(), signUpNew)
	if verified(s.Identity) {
		return h.r.HookSessionIssuer().ExecutePostRegistrationPostPersistHook(w, r, f, s)
	}
	return h.r.HookShowVerificationUI().ExecutePostRegistrationPostPersistHook(w, r, f, s)
}

// afterSignIn refuses a sign-in while no address is verified. Kratos' own hook looks at passwords alone
// (docs/ory-quirks.md#q54).
type afterSignIn struct{}

// ExecuteLoginPostHook implements login.PostHookExecutor.
func (afterSignIn) ExecuteLoginPostHook(
	_ http.ResponseWriter, _ *http.Request, _ node.UiNodeGroup, _ *login.Flow, s *session.Session,
) error {
	if verified(s.Identity) {
		return nil
	}
	return errors.WithStack(schema.NewAddressNotVerifiedError())
}

func verified(i *kidentity.Identity) bool {
	for _, address := range i.VerifiableAddresses {
		if address.Verified {
			return true
		}
	}
	return false
}

var (
	_ registration.PostHookPrePersistExecutor  = (*afterSignUp)(nil)
	_ registration.PostHookPostPersistExecutor = (*afterSignUp)(nil)
	_ login.PostHookExecutor                   = afterSignIn{}
	_ login.PreHookExecutor                    = begin{}
	_ registration.PreHookExecutor             = begin{}
)
