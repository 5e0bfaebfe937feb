package hydra

import (
	"testing"

	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/gateway/routetest"
	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/sqlseam"
)

// TestTheGatewayKnowsEveryPublicPath: a path that an upgrade of Hydra brings has to get its row in the
// gateway's table.
func TestTheGatewayKnowsEveryPublicPath(t *testing.T) {
	sqlseam.Register()
	e := open(t, "sqlite://file:routes?_fk=true&cache=shared&mode=memory")
	public := hx.NewRouterPublic()
	e.registry.RegisterRoutes(t.Context(), hx.NewRouterAdmin(e.registry.Config().AdminURL), public)
	routes := routetest.Routes(public.Router)
	golden.JSON(t, *update, "routes.json", routes)
	routetest.Check(t, routes, gateway.Hydra, "/health/alive", "/health/ready")
}
