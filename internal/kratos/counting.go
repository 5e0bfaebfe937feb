package kratos

import (
	"context"
	"sync"

	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/strategy/code"
)

// counting is the strategy of codes, and says once whether a code is a factor, which the settings alone decide.
// Upstream copies all of its settings, twice for each whoami of a session without a second factor
// (docs/ory-quirks.md#q132).
type counting struct {
	*code.Strategy
	first, multi func() (int, error)
}

func newCounting(s *code.Strategy) counting {
	type count func(context.Context, map[kidentity.CredentialsType]kidentity.Credentials) (int, error)
	once := func(of count) func() (int, error) {
		return sync.OnceValues(func() (int, error) { return of(context.Background(), nil) })
	}
	return counting{s, once(s.CountActiveFirstFactorCredentials), once(s.CountActiveMultiFactorCredentials)}
}

// CountActiveFirstFactorCredentials implements identity.ActiveCredentialsCounter.
func (c counting) CountActiveFirstFactorCredentials(
	context.Context, map[kidentity.CredentialsType]kidentity.Credentials,
) (int, error) {
	return c.first()
}

// CountActiveMultiFactorCredentials implements identity.ActiveCredentialsCounter.
func (c counting) CountActiveMultiFactorCredentials(
	context.Context, map[kidentity.CredentialsType]kidentity.Credentials,
) (int, error) {
	return c.multi()
}
