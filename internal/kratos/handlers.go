package kratos

import (
	"context"
	"net/http"
	"path"
	"strings"

	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/settings"
	kx "github.com/ory/kratos/x"
	"github.com/ory/x/healthx"
	prometheusx "github.com/ory/x/prometheusx"

	"example.com/identityd/internal/ory"
)

// Body limits in bytes. Forms are small; the admin API imports identities.
const (
	publicBody = 64 << 10
	adminBody  = 10 << 20
)

// buildHandlers mirrors upstream's middleware in its order (kratos: cmd/daemon/serve.go, servePublic
// and serveAdmin) without the parts that are ours: request log, telemetry. Read that file again at
// every upgrade (docs/ory-quirks.md#q12).
func (e *Engine) buildHandlers(ctx context.Context) {
	r := e.registry

	e.scripts = e.crossOrigin(ctx)
	public := kx.NewRouterPublic()
	csrf := kx.NewCSRFHandler(watchPasswords(e.confirmLinks(e.verifyInOneBrowser(e.rememberChallenge(e.wholeSessions(e.positivePages(public)))))), r)
	r.WithCSRFHandler(csrf)
	for _, exempt := range []string{
		healthx.AliveCheckPath, healthx.ReadyCheckPath, healthx.VersionPath, prometheusx.MetricsPrometheusPath,
	} {
		csrf.DisablePath(exempt)
	}
	r.RegisterPublicRoutes(ctx, public)

	loader := kx.HTTPLoaderContextMiddleware(outgoing{r, e})
	// The path is cleaned before CSRF, which double slashes would bypass.
	n := ory.Described(before(loader, e.metrics.Middleware(e.scripts(before(kx.CleanPath, e.keeping(r.CSRFHandler()))))))
	state := wholeState
	if e.cfg.AnyState {
		state = func(next http.Handler) http.Handler { return next }
	}
	e.public = e.wrap(ctx, "public", hideAdmin(challenges(watchJoining(e.noteChanges(e.keepTyped(state(n)))))), publicBody)

	admin := kx.NewRouterAdmin()
	r.RegisterAdminRoutes(ctx, admin)
	e.metrics.Routes(public.Router, admin.Router)
	a := ory.Described(before(kx.RedirectAdminMiddleware, before(loader, e.metrics.Middleware(e.positivePages(e.guardPatches(admin))))))
	e.admin = e.wrap(ctx, "admin", e.everyday(e.noteOffers(a)), adminBody)
}

// before puts a middleware of upstream's kind in front of a handler.
func before(mw func(http.ResponseWriter, *http.Request, http.HandlerFunc), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mw(w, r, next.ServeHTTP) })
}

// hideAdmin answers 404 where Kratos' public router redirects to the admin API's address
// (docs/ory-quirks.md#q51), which is nobody's business.
func hideAdmin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Cleaned as the router will see it: //admin and /x/../admin are /admin there.
		if ofAdmin(path.Clean("/" + r.URL.Path)) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ofAdmin reports whether the public router would redirect a clean path to the admin API.
func ofAdmin(clean string) bool {
	for _, prefix := range []string{kx.AdminPrefix, "/identities", "/recovery"} {
		if clean == prefix || strings.HasPrefix(clean, prefix+"/") {
			return true
		}
	}
	return false
}

func (e *Engine) wrap(ctx context.Context, iface string, h http.Handler, body int64) http.Handler {
	session := e.registry.Config().SessionName(ctx)
	h = e.ceiling.Middleware(e.gate.Middleware(e.serial.Middleware(h, readOnly), static, Urgent), bringsPassword, e.busy)
	h = e.throttled(h, session)
	if !e.cfg.UnevenLogins {
		// Around the throttle, so that others do not wait for the floor of an attempt that has ended.
		h = pad(h, session, failedLogin)
	}
	if e.gated() {
		h = e.pace.middleware(h)
	}
	h = e.settle(h)
	if e.cfg.Hooks != nil {
		h = e.tellOutside(h)
	}
	return e.cfg.Tracing.Middleware(name+" "+iface, http.MaxBytesHandler(h, body))
}

// bringsPassword are the requests for which a password is hashed. Those of the admin API take their turn too,
// but are not turned away.
func bringsPassword(r *http.Request) bool {
	switch submitted(r) {
	case login.RouteSubmitFlow, registration.RouteSubmitFlow, settings.RouteSubmitFlow:
		return fields(r).Get("password") != ""
	}
	return false
}

// gated reports whether an address has to be verified before anybody is let in.
func (e *Engine) gated() bool { return e.cfg.Mail != nil && e.cfg.VerifyAddress }

// Outside runs call without the lock of SerializeWrites, if ctx holds it. It is for the transport
// that goes from Kratos to Hydra.
func (e *Engine) Outside(ctx context.Context, call func()) { e.serial.Outside(ctx, call) }

// static are the requests that need no connection.
func static(r *http.Request) bool {
	p := r.URL.Path
	return r.Method == http.MethodGet &&
		(strings.HasPrefix(p, "/schemas") || strings.HasPrefix(p, "/health/") || strings.HasPrefix(p, "/.well-known/"))
}

// Urgent reports whether a request is one of those that are shed last: an application that hears nothing of a
// session takes it for none.
func Urgent(r *http.Request) bool { return path.Clean("/"+r.URL.Path) == "/sessions/whoami" }

// readOnly are the requests that write nothing. Whoami reads a session whose assurance level the login
// has settled already.
func readOnly(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	p := r.URL.Path
	return p == "/sessions/whoami" || strings.HasPrefix(p, "/schemas") || strings.HasPrefix(p, "/health/") ||
		strings.HasPrefix(p, "/.well-known/")
}
