package hydra

import (
	"context"
	"errors"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/consent"
	"github.com/ory/hydra/v2/flow"
)

// confirming is what login and consent know of the database. An accepted login is an address that a browser goes
// to when it likes: whoever was signed in then may not be any longer (docs/ory-quirks.md#q173).
type confirming struct {
	consent.Manager
	engine *Engine
}

// ConfirmLoginSession implements consent.Manager.
func (m confirming) ConfirmLoginSession(ctx context.Context, s *flow.LoginSession) error {
	if ask := m.engine.cfg.SignedIn; ask != nil && s.Subject != "" {
		in, err := ask(ctx, s.Subject, s.IdentityProviderSessionID.String())
		if err != nil {
			return fosite.ErrServerError.WithWrap(err)
		}
		if !in {
			return fosite.ErrLoginRequired.WithHint("The session that the sign-in was accepted for has ended.")
		}
	}
	return m.Manager.ConfirmLoginSession(ctx, s)
}

// VerifyAndInvalidateConsentRequest implements consent.Manager. The row of a consent names the session that it was
// given in, so that the database refuses it once that has ended: upstream has no word for it, and says
// that the error is not known.
func (m confirming) VerifyAndInvalidateConsentRequest(ctx context.Context, verifier string) (*flow.AcceptOAuth2ConsentRequest, error) {
	granted, err := m.Manager.VerifyAndInvalidateConsentRequest(ctx, verifier)
	if namesNothing(err) {
		return nil, fosite.ErrLoginRequired.WithHint("The session that the consent was given in has ended.").WithWrap(err)
	}
	return granted, err
}

// namesNothing reports whether a database refused a row because of one that it names and that is not there.
func namesNothing(err error) bool {
	const foreignKeyViolation = "23503"
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState() == foreignKeyViolation
	}
	return err != nil && strings.Contains(err.Error(), "FOREIGN KEY constraint failed") // SQLite
}
