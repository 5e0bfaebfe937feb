package kratos

import (
	"context"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/x/otelx"
	"github.com/ory/x/sqlcon"
)

// GetSettingsFlow implements settings.FlowPersister. Upstream's reads the person below this wrapper
// (kratos: persistence/sql/persister_settings.go).
func (p atOnce) GetSettingsFlow(ctx context.Context, id uuid.UUID) (_ *settings.Flow, err error) {
	ctx, span := p.r.Tracer(ctx).Tracer().Start(ctx, "persistence.sql.GetSettingsFlow")
	defer otelx.End(span, &err)
	var f settings.Flow
	if err := p.GetConnection(ctx).Where("id = ? AND nid = ?", id, p.NetworkID(ctx)).First(&f); err != nil {
		return nil, sqlcon.HandleError(err)
	}
	if f.Identity, err = p.GetIdentity(ctx, f.IdentityID, kidentity.ExpandDefault); err != nil {
		return nil, err
	}
	return &f, nil
}
