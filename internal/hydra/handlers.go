package hydra

import (
	"context"
	"net/http"
	"path"
	"strings"

	hconfig "github.com/ory/hydra/v2/driver/config"
	hx "github.com/ory/hydra/v2/x"

	"example.com/identityd/internal/ory"
)

// buildHandlers mirrors upstream's middleware in its order (hydra: cmd/server/handler.go, setup and
// EnhanceMiddleware) without the parts that are ours: request log, telemetry, TLS checks. Read that
// file again at every upgrade (docs/ory-quirks.md#q1).
func (e *Engine) buildHandlers(ctx context.Context) {
	r := e.registry
	admin, public := hx.NewRouterAdmin(r.Config().AdminURL), hx.NewRouterPublic()
	r.RegisterRoutes(ctx, admin, public)
	e.metrics.Routes(admin.Router, public.Router)
	e.scripts = e.crossOrigin(ctx)

	ourPublic, ourAdmin := e.clientRoutes(e.logoutRoutes(public, admin))
	e.public = e.chain(ctx, hconfig.PublicInterface, e.publicDoors(challenges(morePrompts(namingClient(e.cfg.Pages.Error, e.formPost(e.documents(e.signedUserinfo(ourPublic))))))))
	e.admin = e.chain(ctx, hconfig.AdminInterface, e.logins(e.everyday(ourAdmin)))
}

// hideFallbacks answers 404 where Hydra shows pages of its own, which say how it is to be configured and,
// in errors, what they are told to. Every page that they stand in for is configured (docs/ory-quirks.md#q82).
func hideFallbacks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := path.Clean("/" + r.URL.Path); clean == "/oauth2/fallbacks" || strings.HasPrefix(clean, "/oauth2/fallbacks/") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (e *Engine) chain(ctx context.Context, iface hconfig.ServeInterface, router http.Handler) http.Handler {
	scripts := e.scripts
	if iface == hconfig.AdminInterface {
		scripts = ory.Scripts(e.registry.Config().CORS(ctx, iface))
	}
	h := ory.Described(e.metrics.Middleware(scripts(visited(router))))
	h = e.ceiling.Middleware(e.gate.Middleware(e.serial.Middleware(h, readOnly), static, Urgent), nobody, nil)
	if iface == hconfig.PublicInterface {
		h = e.throttled(h)
	}
	return e.cfg.Tracing.Middleware(name+" "+strings.TrimPrefix(iface.String(), "serve."), h)
}

// nobody waits at the door of the ceiling: secrets take a few milliseconds each, and tokens are shed last.
func nobody(*http.Request) bool { return false }

// static are the requests that need no connection, or one in a way that listens to their deadline.
func static(r *http.Request) bool {
	return r.Method == http.MethodGet && (strings.HasPrefix(r.URL.Path, "/.well-known/") || strings.HasPrefix(r.URL.Path, "/health/"))
}

// Urgent reports whether a request is one of those that are shed last, and have places of their own at the
// gate: what applications ask all the time, and would log everybody out for if it failed.
func Urgent(r *http.Request) bool {
	switch path.Clean("/" + r.URL.Path) {
	case "/oauth2/token", "/oauth2/revoke", "/userinfo", "/admin/oauth2/introspect":
		return true
	}
	return false
}

// readOnly are the requests that write nothing.
func readOnly(r *http.Request) bool {
	switch p := r.URL.Path; p {
	case "/userinfo", "/admin/oauth2/introspect":
		return true
	default:
		return r.Method == http.MethodGet && (strings.HasPrefix(p, "/.well-known/") || strings.HasPrefix(p, "/health/"))
	}
}
