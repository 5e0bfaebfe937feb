package kratos

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gofrs/uuid"
	"github.com/ory/kratos/selfservice/flow/verification"
	"github.com/ory/nosurf"
	"github.com/ory/x/sqlcon"
)

// verifyInOneBrowser keeps a verification from signing in a browser that did not sign up.
//
// After a sign-up that an application began, Kratos puts the OAuth2 login challenge and the session of
// the sign-up into the verification flow, and gives both to whoever enters the code or follows the
// link of the mail (docs/ory-quirks.md#q33). Somebody who signs up with another person's address would
// make that person's browser his own session's. So both are taken out of the flow, unless the request
// comes from the browser that signed up, told by its CSRF cookie; and always where the sign-up signed
// the person in already, because its challenge is used up then.
//
// It stands inside the CSRF handler, which puts the cookie's token into the request.
func (e *Engine) verifyInOneBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == verification.RouteSubmitFlow {
			if err := e.forgetSignUp(r); err != nil {
				// Fail closed: going on would sign the browser in.
				e.registry.Writer().WriteError(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (e *Engine) forgetSignUp(r *http.Request) error {
	id, err := uuid.FromString(r.URL.Query().Get("flow"))
	if err != nil {
		return nil // Kratos says what is wrong with it
	}
	ctx := r.Context()
	flows := e.registry.VerificationFlowPersister()
	f, err := flows.GetVerificationFlow(ctx, id)
	switch {
	case errors.Is(err, sqlcon.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("reading verification flow: %w", err)
	case f.OAuth2LoginChallenge == "" && !f.SessionID.Valid:
		return nil
	}
	same := nosurf.VerifyToken(e.registry.GenerateCSRFToken(r), f.CSRFToken)
	if same && e.cfg.VerifyAddress {
		return nil
	}
	f.OAuth2LoginChallenge, f.SessionID, f.IdentityID, f.AMR = "", uuid.NullUUID{}, uuid.NullUUID{}, nil
	if err := flows.UpdateVerificationFlow(ctx, f); err != nil {
		return fmt.Errorf("updating verification flow: %w", err)
	}
	return nil
}
