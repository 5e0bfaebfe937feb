package stack

import (
	"context"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
)

// issuing is asked before each token of this pair: the person is read, whoever is inactive or gone gets none, and
// the claims are those of now. Tokens of applications for themselves have no person.
func (s *Stack) issuing(p *pair) func(context.Context, *identity.Issuing) error {
	of := s.issuingTo(p)
	return func(ctx context.Context, is *identity.Issuing) error {
		if err := of(ctx, is); err != nil {
			return err
		}
		return s.askToken(ctx, p, is) // about people who are there
	}
}

func (s *Stack) issuingTo(p *pair) func(context.Context, *identity.Issuing) error {
	return func(ctx context.Context, is *identity.Issuing) error {
		if is.Subject == "" || !kratos.CouldKnow(is.Subject) {
			return nil
		}
		// A context of its own: the engines keep their transactions under one key (docs/ory-quirks.md#q20).
		across, cancel := p.toKratosAdmin.Context(ctx)
		defer cancel()
		person, err := p.kratos.Person(across, is.Subject)
		switch {
		case err != nil:
			return err
		case person == nil && is.Grant == grantJWTBearer:
			return nil // whoever the issuer of the assertion means
		case person == nil || person.State == identity.StateInactive:
			return identity.ErrNoAccess
		case is.Grant == grantJWTBearer:
			return nil // its claims are not ours
		}
		is.Claims, is.AccessTokenClaims = p.claims.For(*person, is.Scopes, is.OnlyClaims)
		return nil
	}
}

// grantJWTBearer is the grant of RFC 7523, section 2.1. Its subject is whom the assertion names.
const grantJWTBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// signedIn is asked before an accepted sign-in becomes a session of Hydra's.
func (s *Stack) signedIn(p *pair) func(ctx context.Context, subject, session string) (bool, error) {
	return func(ctx context.Context, subject, session string) (bool, error) {
		if !kratos.CouldKnow(subject) {
			return true, nil
		}
		across, cancel := p.toKratosAdmin.Context(ctx)
		defer cancel()
		return p.kratos.SignedIn(across, subject, session)
	}
}
