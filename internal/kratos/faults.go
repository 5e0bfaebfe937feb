package kratos

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kpersistence "github.com/ory/kratos/persistence"
	ksession "github.com/ory/kratos/session"
	"golang.org/x/oauth2"
)

// faults is the persister, and keeps to itself what was wrong with the service. Kratos writes it down in full for
// its error page, and anybody with the id may read it there: addresses that were called, the database's own
// words (docs/ory-quirks.md#q92). The log has it.
type faults struct {
	kpersistence.Persister
	queued func(ctx context.Context, mail string)
}

// providerFailed is the id of the error of a provider that refuses the code it gave: it is too old, was used, or is not
// its own (internal/ui/errorkinds.go has it too). Kratos takes it for a fault of ours.
const providerFailed = "identityd_provider_failed"

// Disabled is the id of the error of somebody whose account is disabled. Kratos gives it none, and an error page of its
// own sentence (internal/ui/errorkinds.go and internal/why have it too).
const Disabled = "identityd_account_disabled"

// Unnamed are the ids of errors that Kratos answers programs without one, by their message.
func Unnamed() map[string]string {
	return map[string]string{ksession.ErrIdentityDisabled.Error(): Disabled}
}

var errFault = errors.New("an internal error occurred")

// WithNetworkID keeps the wrapping.
func (p faults) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return faults{p.Persister.WithNetworkID(id), p.queued}
}

// CreateErrorContainer implements errorx.Persister.
func (p faults) CreateErrorContainer(ctx context.Context, csrfToken string, err error) (uuid.UUID, error) {
	var (
		known    interface{ StatusCode() int }
		provider *oauth2.RetrieveError
	)
	if errors.Is(err, ksession.ErrIdentityDisabled) {
		err = ksession.ErrIdentityDisabled.WithID(Disabled)
	}
	if errors.As(err, &provider) {
		err = herodot.ErrBadRequest.WithID(providerFailed).WithReason("The service that was to say who signs in did not take its own answer back.")
	}
	if !errors.As(err, &known) || known.StatusCode() >= http.StatusInternalServerError {
		err = errFault
	}
	return p.Persister.CreateErrorContainer(ctx, csrfToken, err)
}
