package kratos

import (
	"context"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/settings"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/sqlcon"
)

// stillActive stores a person who was active when they were read, if they still are. Kratos writes people as a whole,
// as they were read (docs/ory-quirks.md#q213): who was deactivated meanwhile would be active again, by a form that was
// on its way. Who is deactivated first is refused here; who is so later waits for this transaction.
func (p offboarding) stillActive(ctx context.Context, i *kidentity.Identity) error {
	n := requestOf(ctx)
	own := uuid.Nil
	if n != nil && n.path == settings.RouteSubmitFlow {
		own = uuid.FromStringOrNil(n.own(i.ID))
	}
	return p.Transaction(ctx, func(ctx context.Context, tx *pop.Connection) error {
		query := "UPDATE identities SET updated_at = updated_at WHERE id = ? AND nid = ? AND state <> ?"
		args := []any{i.ID, p.NetworkID(ctx), kidentity.StateInactive}
		if own != uuid.Nil { // nor does a session change anything that has ended meanwhile
			query, args = query+" AND EXISTS (SELECT 1 FROM sessions AS s WHERE s.id = ? AND s.active = TRUE)", append(args, own)
		}
		held, err := tx.RawQuery(query, args...).ExecWithCount()
		switch {
		case err != nil:
			return sqlcon.HandleError(err)
		case held == 0 && own != uuid.Nil:
			return ksession.NewErrNoActiveSessionFound()
		case held == 0:
			return herodot.ErrConflict.WithReason("The account was deactivated or deleted at the same time. Read it again, and change it then.")
		}
		return p.Persister.UpdateIdentity(ctx, i)
	})
}
