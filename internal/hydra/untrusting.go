package hydra

import (
	"context"
	"fmt"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/hydra/v2/oauth2/trust"
	"github.com/ory/x/sqlcon"
)

// untrusting ends the tokens of assertions (RFC 7523) along with the trust in who makes them, which upstream leaves
// until they expire (docs/ory-quirks.md#q230).
type untrusting struct {
	trust.GrantManager
	engine *Engine
}

// DeleteGrant implements trust.GrantManager.
func (u untrusting) DeleteGrant(ctx context.Context, id string) error {
	p := u.engine.registry.Persister()
	return p.Transaction(ctx, func(ctx context.Context, c *pop.Connection) error {
		g, err := u.GetConcreteGrant(ctx, id)
		if err != nil {
			return err
		}
		if err := u.GrantManager.DeleteGrant(ctx, id); err != nil {
			return err
		}
		// A token knows its subject and that it came of an assertion, not whose. So those that another issuer made for the
		// same subject end too; their holders ask again.
		query, args := "DELETE FROM hydra_oauth2_access WHERE nid = ? AND challenge_id IS NULL AND form_data LIKE ?", []any{p.NetworkID(ctx), "%grant-type%jwt-bearer%"}
		if !g.AllowAnySubject {
			query, args = query+" AND subject = ?", append(args, g.Subject)
		}
		if err := c.RawQuery(query, args...).Exec(); err != nil {
			return fmt.Errorf("ending the tokens of an issuer: %w", sqlcon.HandleError(err))
		}
		return nil
	})
}
