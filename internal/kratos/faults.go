package kratos

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofrs/uuid"
	kpersistence "github.com/ory/kratos/persistence"
)

// faults is the persister, and keeps to itself what was wrong with the service. Kratos writes it down in full for
// its error page, and anybody with the id may read it there: addresses that were called, the database's own
// words (docs/ory-quirks.md#q92). The log has it.
type faults struct{ kpersistence.Persister }

var errFault = errors.New("an internal error occurred")

// WithNetworkID keeps the wrapping.
func (p faults) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return faults{p.Persister.WithNetworkID(id)}
}

// CreateErrorContainer implements errorx.Persister.
func (p faults) CreateErrorContainer(ctx context.Context, csrfToken string, err error) (uuid.UUID, error) {
	var known interface{ StatusCode() int }
	if !errors.As(err, &known) || known.StatusCode() >= http.StatusInternalServerError {
		err = errFault
	}
	return p.Persister.CreateErrorContainer(ctx, csrfToken, err)
}
