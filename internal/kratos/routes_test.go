package kratos

import (
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	kx "github.com/ory/kratos/x"

	"example.com/identityd/configs"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/gateway/routetest"
	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/sqlseam"
)

// TestTheGatewayKnowsEveryPublicPath: a path that an upgrade of Kratos brings has to get its row in the
// gateway's table, or one in ofAdmin.
func TestTheGatewayKnowsEveryPublicPath(t *testing.T) {
	sqlseam.Register()
	schema, err := fs.ReadFile(configs.FS(), "identity.email-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	c := sample()
	c.Schemas = []Schema{{ID: "email@1", Raw: schema}}
	c.DSN = "sqlite://file:routes?_fk=true&cache=shared&mode=memory"
	c.Log, c.Tracing = slog.New(slog.DiscardHandler), ory.NewTracing(ory.Watch{})
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
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
