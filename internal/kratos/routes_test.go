package kratos

import (
	"strings"
	"testing"

	kx "github.com/ory/kratos/x"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/gateway/routetest"
	"example.com/identityd/internal/golden"
)

// TestTheGatewayKnowsEveryPublicPath: a path that an upgrade of Kratos brings has to get its row in the
// gateway's table, or one in ofAdmin.
func TestTheGatewayKnowsEveryPublicPath(t *testing.T) {
	e := opened(t, "routes", nil)
	public := kx.NewRouterPublic()
	e.registry.WithCSRFHandler(kx.NewCSRFHandler(public, e.registry))
	e.registry.RegisterPublicRoutes(t.Context(), public)
	routes := routetest.Routes(public.Router)
	golden.JSON(t, *update, "routes.json", routes)
	hidden := []string{"/health/alive", "/health/ready"}
	for _, route := range routes {
		if path, _, _ := strings.Cut(route, " "); ofAdmin(path) {
			hidden = append(hidden, path)
		}
	}
	routetest.Check(t, routes, gateway.Kratos, hidden...)
}
